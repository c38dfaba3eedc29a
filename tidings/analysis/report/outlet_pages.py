"""Compose the outlets' pages and their figures: articles and stories, and the sources that list an
outlet's items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.report import outlet_data
from tidings.analysis.report.figure import (
    COUNT_COLUMNS,
    Figure,
    count_row,
    period_end,
    period_status,
)
from tidings.analysis.report.render import Page
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.answers import Answers, Row
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
    outlets: list[Row],
    theme_paths: dict[str, str],
    outlet_paths: dict[str, str],
) -> list[Page]:
    """Return the pages of the outlets, which are rows of ``read_outlets``."""
    volumes, listed = outlet_data.read_volumes(con, facts), outlet_data.read_sources(con, facts)
    answers = {
        "themes": outlet_data.read_outlet_themes(con, facts),
        "keyness": outlet_data.read_keyness(con),
        "newest": outlet_data.read_newest_articles(con),
        "gaps": outlet_data.read_gaps(con),
    }
    pages = []
    for outlet in outlets:
        publisher = outlet["publisher_id"]
        volume = volume_figure(publisher, volumes, facts.unit)
        sources = sources_figure(publisher, listed)
        values = {name: answer.rows(publisher) for name, answer in answers.items()} | {
            "outlet": outlet,
            "volume": volume,
            "sources": sources,
            "theme_days": outlet_data.OUTLET_THEME_DAYS,
            "paths": theme_paths,
            "sql": {name: answer.sql(publisher) for name, answer in answers.items()},
        }
        figures = [volume, *([sources] if sources else [])]
        path = outlet_paths[publisher]
        pages.append(Page(path, "outlet.html", values, figures, (f"outlet:{publisher}",)))
    return pages


def volume_figure(publisher_id: str, volumes: Answers, unit: str) -> Figure:
    """Return the figure of an outlet's articles and stories by week or month, with hatched
    gaps.
    """
    rows = [
        count_row(
            row["start_on"],
            unit,
            (row["article_count"], row["story_count"]),
            row["covered_days"],
            period_status(row["covered_days"], row["article_count"], is_over=row["is_over"]),
        )
        for row in volumes.rows(publisher_id)
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
        sql=volumes.sql(publisher_id),
    )


def sources_figure(publisher_id: str, listed_items: Answers) -> Figure | None:
    """Return the figure of an outlet's sources by week, or None if the release has no data on its
    sources.
    """
    weeks = listed_items.rows(publisher_id)
    if not weeks:
        return None
    rows = [
        [
            f"{week['source_id']} ({week['way']})",
            week["start_on"].isoformat(),
            period_end(week["start_on"], "week").isoformat(),
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
        sql=listed_items.sql(publisher_id),
    )


def _source_status(week: Row) -> str:
    if week["missing"]:
        return "items missing"
    if week["listed_days"] * 2 < week["day_count"]:
        return "no listing"
    if not week["listed"]:
        return "nothing listed"
    return "captured late" if week["later"] * 2 > week["obtained"] else "complete"
