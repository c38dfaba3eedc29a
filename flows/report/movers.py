"""What moves: a theme's share of the last 28 days against the 28 before, and which changes lie beyond chance."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.flows.report.release import WINDOW_DAYS, rows
from tidings.flows.report.shared import make_intervals

if TYPE_CHECKING:
    import duckdb

RISERS = 8
SILENT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Movers:
    """What moves, by theme_id, at most eight each: risen beyond chance, risen within it, fallen beyond it; and the largest.

    ``labels`` and ``windows`` (the rows of ``read_windows``) are of all themes. Areas are listed only where no theme lies below
    any: an area moves with its themes. ``silent_since`` is the result of ``read_silence``.
    """

    labels: dict[str, str]
    windows: dict[str, dict[str, Any]]
    rising: list[str]
    maybe: list[str]
    fading: list[str]
    largest: list[str]
    silent_since: dt.date | None = None


def read_movers(con: duckdb.DuckDBPyConnection) -> Movers:
    """Return what moves in a release; the report, the terminal and the run's summary all tell this.

    The connection is open on a release or on the lake, ``marts`` and ``ref`` in its own database.
    """
    make_intervals(con)
    last = con.execute("select max(published_on) from marts.outlet_daily").fetchone()
    start = last[0] - dt.timedelta(days=WINDOW_DAYS - 1) if last and last[0] else None
    found = con.execute("select theme_id, coalesce(label_en, theme_id), parent_id from ref.themes").fetchall()
    labels = {theme: label for theme, label, _ in found}
    shown = {theme for theme, _, parent in found if parent} or set(labels)
    windows = read_windows(con, start)
    return Movers(labels, windows, *pick_movers(windows, shown), largest(windows, shown), read_silence(con))


def read_silence(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """Return the day since which no outlet has an article, or None.

    A silence is a finished day that is a gap for every outlet, or seven days without an article. A Sunday on which no outlet
    ever publishes is not a silence.
    """
    row = con.execute(
        f"""
        with days as (
            select published_on, sum(article_count + excluded_count) > 0 as is_published, bool_and(is_gap) as is_gap,
                published_on < max(published_on) over () as is_over
            from marts.outlet_daily group by published_on
        ),
        last as (select max(published_on) filter (is_published) as published_on, max(published_on) as last_on from days)
        select last.published_on + 1 from last
        where last.last_on - last.published_on >= {SILENT_DAYS}
        or exists (select 1 from days where days.published_on > last.published_on and days.is_gap and days.is_over)
        """
    ).fetchone()
    return row[0] if row else None


def read_windows(con: duckdb.DuckDBPyConnection, start: dt.date | None) -> dict[str, dict[str, Any]]:
    """Return by theme its share in the last 28 days and in the 28 before, over covered outlet days only.

    ``start`` is the first of the last 28 days, None where no day is held. ``change`` is the difference,
    ``change_low`` and ``change_high`` its 95% interval: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10, built
    from the two Wilson intervals. A share is None where nothing was covered.
    """
    found = rows(
        con,
        f"""
        with days as (
            select *, published_on >= $start::date as is_now from marts.outlet_daily
            where not is_gap and published_on > $start::date - {WINDOW_DAYS + 1}
        ),
        totals as (
            select coalesce(sum(article_count) filter (is_now), 0)::bigint as total,
                coalesce(sum(article_count) filter (not is_now), 0)::bigint as total_before from days
        ),
        met as (
            select d.theme_id, sum(d.article_count) filter (is_now)::bigint as hits,
                sum(d.article_count) filter (not is_now)::bigint as hits_before,
                count(distinct d.publisher_id) filter (is_now) as outlet_count
            from marts.theme_outlet_daily as d inner join days using (publisher_id, published_on)
            where d.article_count > 0 and d.published_on > $start::date - {WINDOW_DAYS + 1}
            group by all
        ),
        sums as (
            select t.theme_id, coalesce(hits, 0) as hits, total, coalesce(hits_before, 0) as hits_before, total_before,
                coalesce(outlet_count, 0) as outlet_count
            from ref.themes as t cross join totals left join met using (theme_id)
        )
        select *, hits / nullif(total, 0) as now, report_low(hits, total) as low, report_high(hits, total) as high,
            hits_before / nullif(total_before, 0) as before, report_low(hits_before, total_before) as low_before,
            report_high(hits_before, total_before) as high_before
        from sums
        """,
        {"start": start},
    )
    return {row["theme_id"]: row | _change(row) for row in found}


def _change(row: dict[str, Any]) -> dict[str, float | None]:
    now, before = row["now"], row["before"]
    if now is None or before is None:
        return {"change": None, "change_low": None, "change_high": None}
    change = now - before
    return {
        "change": change,
        "change_low": change - math.hypot(now - row["low"], row["high_before"] - before),
        "change_high": change + math.hypot(row["high"] - now, before - row["low_before"]),
    }


def pick_movers(windows: dict[str, dict[str, Any]], shown: set[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the themes that rose beyond chance, those that rose within it, and those that fell beyond it; the surest first.

    Beyond chance: the 95% interval of the change leaves zero out.
    """
    known = [(theme, row) for theme, row in windows.items() if theme in shown and row["change"] is not None]
    rising = sorted((item for item in known if item[1]["change_low"] > 0), key=lambda item: (-item[1]["change_low"], item[0]))
    fading = sorted((item for item in known if item[1]["change_high"] < 0), key=lambda item: (item[1]["change_high"], item[0]))
    maybe = sorted(
        (item for item in known if item[1]["change"] > 0 >= item[1]["change_low"]),
        key=lambda item: (-item[1]["change_low"], item[0]),
    )
    return tuple([theme for theme, _ in found[:RISERS]] for found in (rising, maybe, fading))  # type: ignore[return-value]


def largest(windows: dict[str, dict[str, Any]], shown: set[str]) -> list[str]:
    """Return the themes with the greatest share of the last 28 days, at most eight."""
    known = [(theme, row) for theme, row in windows.items() if theme in shown and row["hits"]]
    return [theme for theme, _ in sorted(known, key=lambda item: (-(item[1]["now"] or 0), item[0]))[:RISERS]]
