"""What the first page tells: which themes rise and fade, what bursts, what is new, and what was not covered."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from flows.report.figure import SHARE_COLUMNS, Figure, describe_shares, period_end, share_rows, top_of_scale
from flows.report.release import WINDOW_DAYS, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from flows.report.release import Facts

RISERS = 8
NEWEST = 15
NEW_DAYS = 84  # twelve weeks: new formulations are few, and an analyst may have been away
COVERAGE_WEEKS_FROM = 120  # days of history from which a cell of the coverage figure is a week


def read_windows(con: duckdb.DuckDBPyConnection, facts: Facts) -> dict[str, dict[str, Any]]:
    """Return by theme its share in the last 28 days and in the 28 before, over covered outlet days only.

    ``change`` is the difference, ``change_low`` and ``change_high`` its 95% interval: Newcombe (1998), Statistics in Medicine
    17, 873-890, method 10, built from the two Wilson intervals. A share is None where nothing was covered.
    """
    found = rows(
        con,
        f"""
        with sums as (
            select theme_id,
                coalesce(sum(article_count) filter (published_on >= $start), 0)::bigint as hits,
                coalesce(sum(total_count) filter (published_on >= $start), 0)::bigint as total,
                coalesce(sum(article_count) filter (published_on < $start), 0)::bigint as hits_before,
                coalesce(sum(total_count) filter (published_on < $start), 0)::bigint as total_before,
                count(distinct publisher_id) filter (published_on >= $start and article_count > 0) as outlet_count
            from marts.theme_outlet_daily
            where not is_gap and published_on > $start - {WINDOW_DAYS + 1}
            group by all
        )
        select *, hits / nullif(total, 0) as now, report_low(hits, total) as low, report_high(hits, total) as high,
            hits_before / nullif(total_before, 0) as before, report_low(hits_before, total_before) as low_before,
            report_high(hits_before, total_before) as high_before
        from sums
        """,
        {"start": facts.window_from},
    )
    for row in found:
        row |= _change(row)
    return {row["theme_id"]: row for row in found}


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
        (item for item in known if item[1]["change"] > 0 >= item[1]["change_low"]), key=lambda item: (-item[1]["change_low"], item[0])
    )
    return tuple([theme for theme, _ in found[:RISERS]] for found in (rising, maybe, fading))  # type: ignore[return-value]


def largest(windows: dict[str, dict[str, Any]], shown: set[str]) -> list[str]:
    """Return the themes with the greatest share of the last 28 days, at most eight."""
    known = [(theme, row) for theme, row in windows.items() if theme in shown and row["hits"]]
    return [theme for theme, _ in sorted(known, key=lambda item: (-(item[1]["now"] or 0), item[0]))[:RISERS]]


def card_figures(stem: str, chosen: Sequence[str], labels: dict[str, str], series: dict[str, Any], unit: str) -> list[Figure]:
    """Return small charts of chosen themes on one scale, over the last two years."""
    taken = [(theme, share_rows([row[:8] for row in series.get(theme, [])][-104:], unit)) for theme in chosen]
    most = top_of_scale(found for _, found in taken)
    return [
        Figure(
            figure_id=f"{stem}-{place}",
            chart="small_share",
            title=labels[theme],
            note="",
            alt=f"{labels[theme]}: {describe_shares(found, unit)}",
            columns=SHARE_COLUMNS,
            rows=found,
            source=f"marts.theme_{unit}ly",
            sql="",
            signals={"most": most},
        )
        for place, (theme, found) in enumerate(taken)
    ]


def change_figure(chosen: Sequence[str], labels: dict[str, str], windows: dict[str, dict[str, Any]], facts: Facts) -> Figure | None:
    """Return the figure of shares before and now, or None where no theme can be compared."""
    found = []
    for theme in chosen:
        row = windows[theme]
        if row["before"] is not None:
            found.append([labels[theme], *(round(row[key], 5) for key in ("before", "now", "low", "high")), row["hits"], row["total"]])
    if not found:
        return None
    return Figure(
        figure_id="change",
        chart="change",
        title="Share now and before",
        note=f"Line: the {WINDOW_DAYS} days before. Dot and band: the last {WINDOW_DAYS} days with their 95% interval.",
        alt="Dot chart. " + "; ".join(f"{row[0]} {row[1]:.1%} before, {row[2]:.1%} now" for row in found) + ".",
        columns=(
            ("label", "Theme", "text"),
            ("before", "Before", "share"),
            ("now", "Now", "share"),
            ("low", "Low", "share"),
            ("high", "High", "share"),
            ("hits", "Articles", "count"),
            ("total", "Of", "count"),
        ),
        rows=found,
        source="marts.theme_outlet_daily",
        sql=_WINDOW_SQL.format(start=facts.window_from, days=WINDOW_DAYS),
    )


_WINDOW_SQL = """select theme_id,
    sum(article_count) filter (published_on >= '{start}') / sum(total_count) filter (published_on >= '{start}') as share_now,
    sum(article_count) filter (published_on < '{start}') / sum(total_count) filter (published_on < '{start}') as share_before
from theme_outlet_daily
where not is_gap and published_on >= date '{start}' - {days}
group by theme_id
order by share_now - share_before desc;"""


def read_coverage(con: duckdb.DuckDBPyConnection, facts: Facts) -> Figure | None:
    """Return the figure of outlets and days (weeks where the history is longer), gaps open; None where no outlet is held."""
    if facts.first_on is None or facts.last_on is None:
        return None
    start = max(facts.first_on, facts.last_on - dt.timedelta(days=365))
    step = "day" if (facts.last_on - start).days < COVERAGE_WEEKS_FROM else "week"
    found = con.execute(
        f"""
        select coalesce(any_value(p.name), d.publisher_id), date_trunc('{step}', d.published_on)::date as start,
            sum(d.article_count)::bigint, count(*) filter (not d.is_gap), count(*),
            string_agg(distinct replace(d.gap_reason, '_', ' '), ', ' order by replace(d.gap_reason, '_', ' '))
        from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
        where d.published_on >= $start group by d.publisher_id, start order by 1, d.publisher_id, start
        """,
        {"start": start},
    ).fetchall()
    cells = []
    for outlet, day, articles, covered, days, reason in found:
        # A week counts as covered by the larger part of its days; the pointer tells how many.
        status = "gap" if covered * 2 < days else "covered" if articles else "quiet"
        cells.append([outlet, day.isoformat(), period_end(day, step).isoformat(), status, articles, covered, reason])
    gaps = sum(cell[3] == "gap" for cell in cells)
    return Figure(
        figure_id="coverage",
        chart="coverage",
        title=f"Coverage by outlet and {step}",
        note="Filled: covered, with articles. Grey: covered, nothing published. Open: a gap, where shares are unknown.",
        alt=f"Grid of {len({cell[0] for cell in cells})} outlets by {step}; {gaps} of {len(cells)} cells are gaps.",
        columns=(
            ("outlet", "Outlet", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("status", "Status", "text"),
            ("articles", "Articles", "count"),
            ("covered", "Days covered", "count"),
            ("reason", "Gap", "text"),
        ),
        rows=cells,
        source="marts.outlet_daily",
        sql=f"select publisher_id, published_on, article_count, is_gap, gap_reason\nfrom outlet_daily\n"
        f"where published_on >= '{start}'\norder by publisher_id, published_on;",
    )


def burst_figure(bursts: Sequence[dict[str, Any]]) -> Figure | None:
    """Return the figure of the newest bursts, or None where there is none."""
    if not bursts:
        return None
    found = [
        [
            one["label"],
            one["start_on"].isoformat(),
            period_end(one["end_on"], "day").isoformat(),
            f"{one['end_on']:%-d %b %Y}" + (", still running" if one["is_running"] else ""),
            None if one["strength"] is None else round(one["strength"], 2),
            one["article_count"],
        ]
        for one in bursts
    ]
    return Figure(
        figure_id="bursts",
        chart="bursts",
        title="Newest bursts",
        note="Days on which a theme or phrase was used at twice its usual rate or more, after Kleinberg.",
        alt="Timeline. " + "; ".join(f"{row[0]} from {row[1]} to {row[3]}" for row in found) + ".",
        columns=(
            ("label", "Theme or phrase", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "hidden"),
            ("until", "To", "text"),
            ("strength", "Strength", "number"),
            ("articles", "Articles", "count"),
        ),
        rows=found,
        source="marts.bursts",
        sql="select series, series_id, start_on, end_on, strength\nfrom bursts\norder by start_on desc, strength desc\nlimit 12;",
    )


def read_new_phrases(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return phrases of the list that were first seen in the last twelve weeks, the newest first.

    Those that may have been used before anything was held (left-censored) are left out.
    """
    if not facts.has("marts.phrase_lives", "phrase_id", "first_seen_on", "first_article_id", "is_left_censored"):
        return []
    return rows(
        con,
        f"""
        select l.phrase_id, w.phrase, w.language, w.theme_id, t.label_en, t.kind, l.first_seen_on, l.outlet_count, l.article_count,
            coalesce(p.name, l.first_publisher_id) as first_outlet, l.first_publisher_id, a.title, a.url
        from marts.phrase_lives as l
        inner join ref.theme_phrases as w on l.phrase_id = w.phrase_id
        inner join ref.themes as t on w.theme_id = t.theme_id
        left join ref.publishers as p on l.first_publisher_id = p.publisher_id
        left join core.articles as a on l.first_article_id = a.article_id
        where not l.is_left_censored and l.first_seen_on > $last_on - {NEW_DAYS}
        order by l.first_seen_on desc, l.article_count desc, l.phrase_id limit {NEWEST}
        """,
        {"last_on": facts.last_on},
    )

