"""Where anyone looked: outlets by day or week, and an outlet's sources by week, gaps open."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tidings.flows.report.figure import Figure, period_end
from tidings.flows.report.release import rows
from tidings.flows.report.themes import group, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

SPAN_DAYS = 364
WEEKS_FROM = 120  # days of history from which a cell is a week
TOLD = 3
COVERAGE_LEGEND = (
    ("shades", "covered: the stronger, the more articles for this outlet"),
    ("partly", "covered in part"),
    ("grey", "covered, nothing published"),
    ("gap", "gap: nobody looked, or a silence that cannot be believed"),
)
SOURCE_LEGEND = (
    ("full", "all that was listed is held"),
    ("pale", "held, but copied over 7 days later"),
    ("lost", "some of it could not be had"),
    ("grey", "nothing was listed"),
    ("gap", "the source told nothing of these days"),
)


def span_from(facts: Facts) -> dt.date | None:
    """Return the first day of the coverage figures, a year back at most; None where no day is held."""
    if facts.first_on is None or facts.last_on is None:
        return None
    return max(facts.first_on, facts.last_on - dt.timedelta(days=SPAN_DAYS))


def read_coverage(con: duckdb.DuckDBPyConnection, facts: Facts, gaps: Sequence[dict[str, Any]]) -> Figure | None:
    """Return the figure of outlets and days (weeks where the history is longer), gaps open; None where no outlet is held.

    ``gaps`` are the outlets with gaps of late, of ``read_gaps_of_late``, which the figure's sentence tells.
    """
    start = span_from(facts)
    if start is None or facts.last_on is None:
        return None
    step = "day" if (facts.last_on - start).days < WEEKS_FROM else "week"
    found = con.execute(
        f"""
        select coalesce(any_value(p.name), d.publisher_id), date_trunc('{step}', d.published_on)::date as start,
            sum(d.article_count)::bigint as articles, count(*) filter (not d.is_gap), count(*),
            string_agg(distinct replace(d.gap_reason, '_', ' '), ', ' order by replace(d.gap_reason, '_', ' ')),
            round(sqrt(articles / nullif(max(articles) over (partition by d.publisher_id), 0)), 2) as level
        from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
        where d.published_on >= $start::date group by d.publisher_id, start order by 1, d.publisher_id, start
        """,
        {"start": start},
    ).fetchall()
    cells = []
    for outlet, day, articles, covered, days, reason, level in found:
        # A week is a gap where less than half of its days were covered; the pointer tells how many.
        status = "gap" if covered * 2 < days else "quiet" if not articles else "covered" if covered == days else "partly"
        end = period_end(day, step).isoformat()
        cells.append([outlet, day.isoformat(), end, status, articles, covered, reason, level or 0.0])
    count = sum(cell[3] == "gap" for cell in cells)
    return Figure(
        figure_id="coverage",
        chart="coverage",
        title=f"Coverage by outlet and {step}",
        says=_tell_gaps(gaps),
        note="",
        legend=tuple(part for part in COVERAGE_LEGEND if part[0] != "partly" or step == "week"),
        method="gap",
        alt=f"Grid of {len({cell[0] for cell in cells})} outlets by {step}; {count} of {len(cells)} cells are gaps.",
        columns=(
            ("outlet", "Outlet", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("status", "Status", "text"),
            ("articles", "Articles", "count"),
            ("covered", "Days covered", "count"),
            ("reason", "Gap", "text"),
            ("level", "", "hidden"),
        ),
        rows=cells,
        source="marts.outlet_daily",
        sql=f"select publisher_id, published_on, article_count, is_gap, gap_reason\nfrom outlet_daily\n"
        f"where published_on >= '{start}'\norder by publisher_id, published_on;",
    )


def read_gaps_of_late(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return the outlets with a gap in the last 28 days, those with most gap days first, with the reasons."""
    return rows(
        con,
        """
        select publisher_id, coalesce(any_value(p.name), publisher_id) as name, count(*) as day_count,
            string_agg(distinct replace(coalesce(gap_reason, 'unknown'), '_', ' '), ', '
                order by replace(coalesce(gap_reason, 'unknown'), '_', ' ')) as reasons
        from marts.outlet_daily left join ref.publishers as p using (publisher_id)
        where is_gap and published_on >= $start::date group by publisher_id order by day_count desc, name
        """,
        {"start": facts.window_from},
    )


def _tell_gaps(gaps: Sequence[dict[str, Any]]) -> str:
    if not gaps:
        return "No outlet has a gap in the last 28 days."
    told = "; ".join(
        f"{one['name']} {one['day_count']} day{'' if one['day_count'] == 1 else 's'} ({one['reasons']})" for one in gaps[:TOLD]
    )
    more = len(gaps) - TOLD
    return f"Gaps in the last 28 days: {told}" + (f"; {more} more outlet{'s' if more > 1 else ''}." if more > 0 else ".")


def read_sources(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by outlet its sources' weeks of the last year: what they listed, what is held; none without ``coverage``."""
    if not facts.has(
        "marts.coverage", "source_id", "publisher_id", "way", "published_on", "listed_count", "obtained_count", "missing_count",
        "later_copy_count", "status",
    ):  # fmt: skip
        return {}
    found = rows(
        con,
        """
        select publisher_id, source_id, way, date_trunc('week', published_on)::date as start,
            coalesce(sum(listed_count), 0)::bigint as listed, coalesce(sum(obtained_count), 0)::bigint as obtained,
            coalesce(sum(missing_count), 0)::bigint as missing, coalesce(sum(later_copy_count), 0)::bigint as later,
            count(*) filter (status <> 'no_listing') as told_days, count(*) as day_count
        from marts.coverage where published_on >= $start::date and publisher_id in $wanted
        group by publisher_id, source_id, way, start order by publisher_id, way, source_id, start
        """,
        {"start": span_from(facts), "wanted": list(wanted)},
    )
    return group(found, "publisher_id")


def sources_figure(publisher_id: str, found: Sequence[dict[str, Any]]) -> Figure | None:
    """Return the figure of an outlet's sources by week, or None where the release tells of none."""
    if not found:
        return None
    cells = [
        [
            f"{one['source_id']} ({one['way']})",
            one["start"].isoformat(),
            period_end(one["start"], "week").isoformat(),
            _status(one),
            *(one[key] for key in ("listed", "obtained", "missing", "later", "told_days")),
        ]
        for one in found
    ]
    lost = sum(cell[3] == "lost" for cell in cells)
    listed, obtained, missing = (sum(one[key] for one in found) for key in ("listed", "obtained", "missing"))
    count = len({cell[0] for cell in cells})
    return Figure(
        figure_id="sources",
        chart="sources",
        title="What its sources listed, and what is held of it",
        says=f"{count} source{'' if count == 1 else 's'} listed {listed:,} items in the last year, an item once a source; "
        f"{obtained:,} are held, {f'{missing:,} could not be had' if missing else 'none is missing'}.",
        note="",
        legend=SOURCE_LEGEND,
        method="coverage",
        alt=f"Grid of {count} sources by week; in {lost} of {len(cells)} cells an item is missing.",
        columns=(
            ("outlet", "Source", "text"),
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("status", "Status", "text"),
            ("listed", "Listed", "count"),
            ("obtained", "Held", "count"),
            ("missing", "Missing", "count"),
            ("later", "Copied later", "count"),
            ("covered", "Days told of", "count"),
        ),
        rows=cells,
        source="marts.coverage",
        sql="select source_id, way, published_on, listed_count, obtained_count, missing_count, status, failures\nfrom coverage\n"
        f"where publisher_id = '{quoted(publisher_id)}'\norder by published_on desc, source_id;",
    )


def _status(one: dict[str, Any]) -> str:
    if one["missing"]:
        return "lost"
    if one["told_days"] * 2 < one["day_count"]:
        return "gap"
    if not one["listed"]:
        return "quiet"
    return "pale" if one["later"] * 2 > one["obtained"] else "full"
