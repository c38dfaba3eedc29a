"""Compare each theme's about_share in the last 28 days with the previous 28 days and find the
significant changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.analysis.answers import Answers
from tidings.analysis.report.release import WINDOW_DAYS
from tidings.base.functions import create_functions

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

LISTED_COUNT = 8
SILENT_DAYS = 7

_WINDOWS = f"""
    with days as (
        select *, published_on > $last_on - {WINDOW_DAYS} as is_now from marts.outlet_daily
        where not is_gap and published_on > $last_on - {2 * WINDOW_DAYS}
    ),
    totals as (
        select coalesce(sum(article_count) filter (is_now), 0)::bigint as total,
            coalesce(sum(article_count) filter (not is_now), 0)::bigint as total_before from days
    ),
    theme_hits as (
        select d.theme_id, sum(d.about_count) filter (is_now)::bigint as hits,
            sum(d.about_count) filter (not is_now)::bigint as hits_before,
            sum(d.article_count) filter (is_now)::bigint as mention_hits,
            count(distinct d.publisher_id) filter (is_now and d.about_count > 0) as outlet_count
        from marts.theme_outlet_daily as d inner join days using (publisher_id, published_on)
        where d.article_count > 0 and d.published_on > $last_on - {2 * WINDOW_DAYS}
        group by all
    ),
    sums as (
        select t.theme_id, coalesce(hits, 0) as hits, total,
            coalesce(hits_before, 0) as hits_before, total_before,
            coalesce(mention_hits, 0) as mention_hits, coalesce(outlet_count, 0) as outlet_count
        from ref.themes as t cross join totals left join theme_hits using (theme_id)
    )
    select *, share(hits, total) as now, wilson_low(hits, total) as low,
        wilson_high(hits, total) as high,
        share(mention_hits, total) as mentioned,
        share(hits_before, total_before) as before,
        wilson_low(hits_before, total_before) as low_before,
        wilson_high(hits_before, total_before) as high_before
    from sums where theme_id = $id
"""


@dataclass(frozen=True, slots=True)
class Trends:
    """Themes with a changed share and the largest themes, at most eight theme IDs per list.

    ``rising`` and ``fading`` list significant changes. ``uncertain`` lists rises that are not
    significant. ``labels``, ``shares`` (of ``read_windows``) and ``windows``, its rows, contain all
    themes. The lists contain policy areas only if no theme has a parent, because an area changes
    with its themes. ``silent_since`` is the result of ``read_silence``.
    """

    labels: dict[str, str]
    shares: Answers
    windows: dict[str, dict[str, Any]]
    rising: list[str]
    uncertain: list[str]
    fading: list[str]
    largest: list[str]
    silent_since: dt.date | None = None


def read_trends(con: duckdb.DuckDBPyConnection) -> Trends:
    """Return the trends of a release for the report, the terminal and the run's summary.

    The connection is open on a release or on the lake, with ``marts`` and ``ref`` in its current
    database.
    """
    create_functions(con)
    themes = con.execute(
        "select theme_id, coalesce(label_en, theme_id), parent_id from ref.themes"
    ).fetchall()
    labels = {theme: label for theme, label, _ in themes}
    listed = {theme for theme, _, parent in themes if parent} or set(labels)
    shares = read_windows(con)
    windows = {theme: row for theme, [row] in shares.by_id.items()}
    return Trends(
        labels,
        shares,
        windows,
        *pick_changed(windows, listed),
        pick_largest(windows, listed),
        read_silence(con),
    )


def read_silence(con: duckdb.DuckDBPyConnection) -> dt.date | None:
    """Return the first day without any article if there is a silence, otherwise None.

    A silence is a finished day that is a gap for every outlet, or seven days without an article. A
    Sunday on which no outlet ever publishes is not a silence.
    """
    query = f"""
    with days as (
        select published_on, sum(article_count + excluded_count) > 0 as is_published,
            bool_and(is_gap) as is_gap,
            published_on < max(published_on) over () as is_over
        from marts.outlet_daily group by published_on
    ),
    last as (select max(published_on) filter (is_published) as published_on,
        max(published_on) as last_on from days)
    select last.published_on + 1 from last
    where last.last_on - last.published_on >= {SILENT_DAYS}
    or exists (select 1 from days
        where days.published_on > last.published_on and days.is_gap and days.is_over)
    """
    row = con.execute(query).fetchone()
    return row[0] if row else None


def read_windows(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the share of articles about each theme in the last 28 days and the previous 28 days,
    over covered outlet days only.

    Returns:
        A row by theme ID. ``change`` is the difference of the shares ``now`` and ``before``.
        ``change_low`` and ``change_high`` are its 95% interval. ``mentioned`` is the share of
        articles that mention the theme. All are None if no day of a period was covered.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10, which combines the two
    Wilson intervals.
    """
    last = con.execute("select max(published_on) from marts.outlet_daily").fetchone()
    answers = Answers(con, _WINDOWS, last_on=last and last[0])
    for [row] in answers.by_id.values():
        row.update(_change_with_interval(row))
    return answers


def _change_with_interval(row: dict[str, Any]) -> dict[str, float | None]:
    now, before = row["now"], row["before"]
    if now is None or before is None:
        return {"change": None, "change_low": None, "change_high": None}
    change = now - before
    return {
        "change": change,
        "change_low": change - math.hypot(now - row["low"], row["high_before"] - before),
        "change_high": change + math.hypot(row["high"] - now, before - row["low_before"]),
    }


def pick_changed(
    windows: dict[str, dict[str, Any]], listed: set[str]
) -> tuple[list[str], list[str], list[str]]:
    """Return the themes that rose significantly, rose without significance, and fell significantly,
    the surest first.

    A change is significant if its 95% interval excludes zero.
    """
    rising: list[tuple[float, str]] = []
    uncertain: list[tuple[float, str]] = []
    fading: list[tuple[float, str]] = []
    for theme in listed.intersection(windows):
        row = windows[theme]
        if row["change"] is None:
            continue
        if row["change_high"] < 0:
            fading.append((row["change_high"], theme))
        elif row["change"] > 0:
            (rising if row["change_low"] > 0 else uncertain).append((-row["change_low"], theme))
    first, second, third = (
        [theme for _, theme in sorted(items)[:LISTED_COUNT]]
        for items in (rising, uncertain, fading)
    )
    return first, second, third


def pick_largest(windows: dict[str, dict[str, Any]], listed: set[str]) -> list[str]:
    """Return the themes with the largest share in the last 28 days, at most eight."""
    known = [(-row["now"], theme) for theme, row in windows.items() if row["hits"]]
    return [theme for _, theme in sorted(known) if theme in listed][:LISTED_COUNT]
