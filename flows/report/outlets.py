"""What an outlet's page shows: what it published and when it was not covered, its themes, its words, its newest articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidings.flows.report.figure import Figure, period_end
from tidings.flows.report.release import rows
from tidings.flows.report.shared import NEWEST
from tidings.flows.report.themes import group, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.flows.report.release import Facts

Grouped = dict[str, list[dict[str, Any]]]


def read_outlets(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return the outlets that have a day in the release, with what is held of them, by name; languages of the last two years."""
    excluded = "sum(excluded_count)::bigint" if facts.has("marts.outlet_daily", "excluded_count") else "null"
    return rows(
        con,
        f"""
        with held as (
            select publisher_id, list_sort(list(distinct language)) as languages
            from core.articles where published_on >= $since::date group by all
        ),
        days as (
            select publisher_id, sum(article_count)::bigint as article_count, {excluded} as excluded_count, count(*) as day_count,
                count(*) filter (is_gap) as gap_count,
                count(*) filter (is_gap and published_on >= $start::date) as recent_gap_count,
                min(published_on) as first_on, max(published_on) as last_on,
                max(published_on) filter (article_count > 0) as last_article_on
            from marts.outlet_daily group by all
        )
        select days.*, p.name, p.country, p.publisher_type, p.time_zone, held.languages
        from days left join ref.publishers as p using (publisher_id) left join held using (publisher_id)
        order by lower(coalesce(p.name, publisher_id)), publisher_id
        """,
        {"start": facts.window_from, "since": facts.small_from},
    )


def read_volumes(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return by outlet the rows (start, articles, stories, covered days) by the report's step over the last two years."""
    found = con.execute(
        f"""
        select publisher_id, date_trunc('{facts.unit}', published_on)::date as start, sum(article_count)::bigint,
            sum(story_count)::bigint, count(*) filter (not is_gap)
        from marts.outlet_daily where published_on >= $start::date and publisher_id in $wanted
        group by all order by publisher_id, start
        """,
        {"start": facts.small_from, "wanted": list(wanted)},
    ).fetchall()
    grouped: dict[str, list[tuple[Any, ...]]] = {}
    for publisher, *row in found:
        grouped.setdefault(publisher, []).append(tuple(row))
    return grouped


def volume_figure(publisher_id: str, series: Sequence[tuple[Any, ...]], unit: str) -> Figure:
    """Return the figure of an outlet's articles and stories by week or month, uncovered ones left open."""
    found = [[start.isoformat(), period_end(start, unit).isoformat(), *counts] for start, *counts in series]
    open_count = sum(row[4] == 0 for row in found)
    total = sum(row[2] for row in found)
    usual = sorted(row[2] for row in found if row[4])
    return Figure(
        figure_id="volume",
        chart="counts",
        title=f"Articles and stories by {unit}",
        says=f"{total:,} articles in {len(found)} {unit}s; the median covered {unit} has {usual[len(usual) // 2]:,}."
        if usual
        else f"No {unit} was covered.",
        note="Stories are counted by day and added up.",
        legend=(("full", "stories"), ("grey", "further articles of the same stories"), ("open", "no day covered")),
        method="story",
        alt=f"Bar chart of {len(found)} {unit}s: {total:,} articles; {open_count} without a covered day.",
        columns=(
            ("start", "From", "date"),
            ("end", "Until before", "date"),
            ("articles", "Articles", "count"),
            ("stories", "Stories", "count"),
            ("days", "Days covered", "count"),
        ),
        rows=found,
        source="marts.outlet_daily",
        sql=f"select date_trunc('{unit}', published_on) as start_on, sum(article_count) as article_count,\n"
        f"    count(*) filter (not is_gap) as covered_days\nfrom outlet_daily\n"
        f"where publisher_id = '{quoted(publisher_id)}'\ngroup by all\norder by all;",
    )


def read_outlet_themes(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> Grouped:
    """Return by outlet its themes of the last 84 days beside the share of all other outlets, the largest first."""
    found = rows(
        con,
        """
        select s.publisher_id, s.theme_id, t.label_en, s.hits, s.total, s.hits / nullif(s.total, 0) as share,
            report_low(s.hits, s.total) as low, report_high(s.hits, s.total) as high,
            s.other_hits / nullif(s.other_total, 0) as other_share
        from report_outlet_themes as s inner join ref.themes as t using (theme_id)
        where s.publisher_id in $wanted order by s.publisher_id, s.hits desc, s.theme_id
        """,
        {"wanted": list(wanted)},
    )
    return group(found, "publisher_id")


def read_keyness(con: duckdb.DuckDBPyConnection, facts: Facts, wanted: Sequence[str]) -> Grouped:
    """Return by outlet the phrases that it stresses more than others do, of its last month with any; z of 1.96 or more."""
    if not facts.has("marts.keyness_monthly", "publisher_id", "month_start_on", "term", "z", "mention_count", "language"):
        return {}
    found = rows(
        con,
        """
        select publisher_id, month_start_on, language, term, theme_id, mention_count, other_mention_count, z
        from marts.keyness_monthly where z >= 1.96 and publisher_id in $wanted
        qualify month_start_on = max(month_start_on) over (partition by publisher_id)
            and row_number() over (partition by publisher_id, month_start_on order by z desc, term) <= 12
        order by publisher_id, z desc, term
        """,
        {"wanted": list(wanted)},
    )
    return group(found, "publisher_id")


def read_newest(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> Grouped:
    """Return by outlet its newest articles, at most twenty."""
    found = rows(
        con,
        f"""
        with newest as (
            select * from report_newest_articles where publisher_id in $wanted
            qualify row_number() over (partition by publisher_id order by published_on desc, article_id) <= {NEWEST}
        )
        select a.publisher_id, a.title, a.url, a.published_on, a.language
        from newest as n inner join core.articles as a on n.article_id = a.article_id and n.published_on = a.published_on
        order by a.publisher_id, a.published_on desc, a.article_id
        """,
        {"wanted": list(wanted)},
    )
    return group(found, "publisher_id")


def read_gaps(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> Grouped:
    """Return by outlet its gaps as runs of days with one reason, the newest first, at most thirty."""
    found = rows(
        con,
        """
        with runs as (
            select *,
                published_on - (row_number() over (partition by publisher_id, gap_reason order by published_on))::integer as run
            from marts.outlet_daily where is_gap and publisher_id in $wanted
        )
        select publisher_id, gap_reason, min(published_on) as start_on, max(published_on) as end_on, count(*) as day_count,
            sum(article_count)::bigint as article_count
        from runs group by publisher_id, gap_reason, run
        qualify row_number() over (partition by publisher_id order by start_on desc) <= 30
        order by publisher_id, start_on desc
        """,
        {"wanted": list(wanted)},
    )
    return group(found, "publisher_id")
