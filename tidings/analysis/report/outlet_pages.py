"""Compose the outlets' pages and their figures: articles and stories, and the sources that list an
outlet's items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.analysis.report import outlet_data
from tidings.analysis.report.figure import (
    COUNT_COLUMNS,
    Figure,
    count_row,
    period_end,
    period_status,
)
from tidings.analysis.report.render import Page
from tidings.analysis.report.table_sql import escape_sql
from tidings.analysis.report.temp_tables import OUTLET_THEME_DAYS
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.report.release import Facts

SOURCE_LEGEND = (
    ("full", "all listed items obtained"),
    ("pale", "obtained, but mostly captured over 7 days after publication"),
    ("lost", "some items are missing"),
    ("grey", "nothing listed"),
    ("gap", "no listing for most days"),
)
SOURCE_COLUMNS = (
    ("outlet", "Source", "text"),
    ("start", "Start", "date"),
    ("end", "End (exclusive)", "date"),
    ("status", "Status", "text"),
    ("listed", "Listed", "count"),
    ("obtained", "Obtained", "count"),
    ("missing", "Missing", "count"),
    ("later", "Captured late", "count"),
    ("days", "Days with a listing", "count"),
)


def outlet_pages(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    outlets: Sequence[dict[str, Any]],
    theme_paths: dict[str, str],
    outlet_paths: dict[str, str],
) -> list[Page]:
    """Return the pages of the wanted outlets, which are rows of ``read_outlets``."""
    if not outlets:
        return []
    volumes, shares = outlet_data.read_volumes(con, facts), outlet_data.read_outlet_themes(con)
    keyness, newest = outlet_data.read_keyness(con), outlet_data.read_newest_articles(con)
    gaps, listed = outlet_data.read_gaps(con), outlet_data.read_sources(con, facts)
    pages = []
    for outlet in outlets:
        publisher = outlet["publisher_id"]
        volume = volume_figure(publisher, volumes.get(publisher, []), facts.unit)
        sources = sources_figure(publisher, listed.get(publisher, []))
        themes, phrases = shares.get(publisher, []), keyness.get(publisher, [])
        values = {
            "outlet": outlet,
            "volume": volume,
            "sources": sources,
            "theme_days": OUTLET_THEME_DAYS,
            "themes": themes,
            "keyness": phrases,
            "newest": newest.get(publisher, []),
            "gaps": gaps.get(publisher, []),
            "paths": theme_paths,
        }
        pages.append(
            Page(
                outlet_paths[publisher],
                "outlet.html",
                values,
                [volume, *([sources] if sources else [])],
                (f"outlet:{publisher}",),
            )
        )
    return pages


def volume_figure(publisher_id: str, series: Sequence[tuple[Any, ...]], unit: str) -> Figure:
    """Return the figure of an outlet's articles and stories by week or month, with hatched
    gaps.
    """
    rows = [
        count_row(start, unit, counts, days, period_status(days, counts[0], is_over=is_over))
        for start, *counts, days, is_over in series
    ]
    gap_count = sum(row[4] == 0 for row in rows)
    total = sum(row[2] for row in rows)
    covered = sorted(row[2] for row in rows if row[4])
    return Figure(
        figure_id="volume",
        chart="counts",
        title=f"Articles and stories by {unit}",
        summary=f"{total:,} articles in {len(rows)} {unit}s, with a median of"
        f" {covered[len(covered) // 2]:,} per covered {unit}."
        if covered
        else f"No {unit} was covered.",
        note="Stories are counted per day and summed.",
        legend=(
            ("full", "stories"),
            ("grey", "further articles of the same stories"),
            ("pale", "period that is not over yet"),
            ("hatched", "no covered day"),
        ),
        method="story",
        alt=f"Bar chart of {len(rows)} {unit}s: {total:,} articles; {gap_count} without a covered"
        f" day.",
        columns=COUNT_COLUMNS,
        rows=rows,
        source="marts.outlet_daily",
        sql=f"select date_trunc('{unit}', published_on) as start_on, sum(article_count) as"
        f" article_count,\n"
        f"    count(*) filter (not is_gap) as covered_days\nfrom outlet_daily\n"
        f"where publisher_id = '{escape_sql(publisher_id)}'\ngroup by all\norder by all;",
    )


def sources_figure(publisher_id: str, weeks: Sequence[dict[str, Any]]) -> Figure | None:
    """Return the figure of an outlet's sources by week, or None if the release has no data on its
    sources.
    """
    if not weeks:
        return None
    rows = [
        [
            f"{week['source_id']} ({week['way']})",
            week["start"].isoformat(),
            period_end(week["start"], "week").isoformat(),
            _source_status(week),
            *(week[key] for key in ("listed", "obtained", "missing", "later", "listed_days")),
        ]
        for week in weeks
    ]
    incomplete = sum(row[3] == "items missing" for row in rows)
    listed, obtained, missing = (
        sum(week[key] for week in weeks) for key in ("listed", "obtained", "missing")
    )
    count = len({row[0] for row in rows})
    return Figure(
        figure_id="sources",
        chart="cells",
        title="Items listed and obtained, by source and week",
        summary=f"{counted(count, 'source')} listed {counted(listed, 'item')} in the last year:"
        f" {obtained:,} obtained, {missing:,} missing.",
        note="An item that several sources list counts once for each source.",
        legend=SOURCE_LEGEND,
        method="coverage",
        alt=f"Grid of {counted(count, 'source')} by week; items are missing in {incomplete} of"
        f" {len(rows)} cells.",
        columns=SOURCE_COLUMNS,
        rows=rows,
        source="marts.coverage",
        sql="select source_id, way, published_on, listed_count, obtained_count, missing_count,"
        " status, failures\nfrom coverage\n"
        f"where publisher_id = '{escape_sql(publisher_id)}'\norder by published_on desc, "
        "source_id;",
    )


def _source_status(week: dict[str, Any]) -> str:
    if week["missing"]:
        return "items missing"
    if week["listed_days"] * 2 < week["day_count"]:
        return "no listing"
    if not week["listed"]:
        return "nothing listed"
    return "captured late" if week["later"] * 2 > week["obtained"] else "complete"
