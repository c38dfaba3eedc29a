"""Compose the outlets' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.answers import Answers
from tidings.analysis.breaks import read_breaks
from tidings.analysis.report.figure import PERIOD_COLUMNS, Figure, bounds, counts_figure, marked
from tidings.analysis.report.release import IS_OVER, WINDOW_DAYS
from tidings.analysis.report.render import Page
from tidings.analysis.report.theme_questions import NEWEST_COUNT
from tidings.base.languages.plural import counted

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.answers import Row
    from tidings.analysis.breaks import Break
    from tidings.analysis.report.release import Facts

COVERAGE_DAYS = 364
OUTLET_THEME_DAYS, OUTLET_THEME_COUNT = 3 * WINDOW_DAYS, 15
MIN_Z = 1.96
SOURCE_LEGEND = (
    ("full", "all listed items obtained"),
    ("pale", "obtained, but mostly captured over 7 days after publication"),
    ("lost", "some items are missing"),
    ("grey", "nothing listed"),
    ("gap", "no listing for most days"),
)
SOURCE_COLUMNS = (
    ("outlet", "Source", "text"),
    *PERIOD_COLUMNS,
    ("status", "Status", "text"),
    ("listed", "Listed", "count"),
    ("obtained", "Obtained", "count"),
    ("missing", "Missing", "count"),
    ("later", "Captured late", "count"),
    ("days", "Days with a listing", "count"),
)
OUTLETS = """
with articles as (
    select publisher_id, list_sort(list(distinct language)) as languages
    from core.articles where published_on >= $since group by all
),
days as (
    select publisher_id, sum(article_count)::bigint as article_count,
        sum(excluded_count)::bigint as excluded_count,
        count(*) as day_count, count(*) filter (is_gap) as gap_count,
        min(published_on) as first_on,
        max(published_on) filter (article_count > 0) as last_article_on
    from marts.outlet_daily group by all
)
select days.*, p.name, p.country, p.publisher_type, p.time_zone, articles.languages
from days left join ref.publishers as p using (publisher_id)
left join articles using (publisher_id)
order by lower(coalesce(p.name, publisher_id)), publisher_id
"""
TABLES = {
    "themes": f"""
with totals as (
    select publisher_id, sum(article_count)::bigint as total,
        sum(total) over ()::bigint as all_total
    from marts.outlet_daily
    where not is_gap and published_on > $last_on - {OUTLET_THEME_DAYS}
    group by publisher_id
),
hits as (
    select publisher_id, theme_id, sum(about_count)::bigint as hits,
        sum(hits) over (partition by theme_id)::bigint as all_hits
    from marts.theme_outlet_daily
    where about_count > 0 and not is_gap and published_on > $last_on - {OUTLET_THEME_DAYS}
    group by publisher_id, theme_id
)
select publisher_id, theme_id, t.label_en, hits, total,
    share(hits, total) as share,
    wilson_low(hits, total) as low, wilson_high(hits, total) as high,
    share(all_hits - hits, all_total - total) as other_share
from hits inner join totals using (publisher_id) inner join ref.themes as t using (theme_id)
where t.parent_id is not null and publisher_id = $id
qualify row_number()
    over (partition by publisher_id order by hits desc, theme_id) <= {OUTLET_THEME_COUNT}
order by hits desc, theme_id
""",
    # of the last month with any
    "keyness": f"""
select publisher_id, month_start_on, language, term, theme_id, mention_count,
    other_mention_count, z
from measures.keyness_monthly where z >= {MIN_Z} and publisher_id = $id
qualify month_start_on = max(month_start_on) over (partition by publisher_id)
    and row_number() over (partition by publisher_id, month_start_on
        order by z desc, term) <= 12
order by z desc, term
""",
    "newest": f"""
with newest as (
    select publisher_id, article_id, published_on from core.articles
    where excluded_reason is null and publisher_id = $id
    qualify row_number()
        over (partition by publisher_id
            order by published_on desc, article_id) <= {NEWEST_COUNT}
)
select publisher_id, a.title, a.url, published_on, a.language
from newest inner join core.articles as a using (publisher_id, article_id, published_on)
order by published_on desc, article_id
""",
    # runs of days with the same reason
    "gaps": """
with runs as (
    select *,
        published_on - (row_number()
            over (partition by publisher_id, gap_reason order by published_on))::integer as run
    from marts.outlet_daily where is_gap and publisher_id = $id
)
select publisher_id, gap_reason, min(published_on) as start_on, max(published_on) as end_on,
    count(*) as day_count,
    sum(article_count)::bigint as article_count
from runs group by publisher_id, gap_reason, run
qualify row_number() over (partition by publisher_id order by start_on desc) <= 30
order by start_on desc
""",
    "volume": f"""
select publisher_id, date_trunc($unit, published_on)::date as start_on,
    sum(article_count)::bigint as article_count, sum(story_count)::bigint as story_count,
    sum(article_count)::bigint as total_count, count(*) filter (not is_gap) as covered_days,
    {IS_OVER} as is_complete
from marts.outlet_daily
where published_on >= $since and publisher_id = $id
group by all order by start_on
""",
    "sources": f"""
select publisher_id, source_id, way, date_trunc('week', published_on)::date as start_on,
    coalesce(sum(listed_count), 0)::bigint as listed,
    coalesce(sum(obtained_count), 0)::bigint as obtained,
    coalesce(sum(missing_count), 0)::bigint as missing,
    coalesce(sum(later_copy_count), 0)::bigint as later,
    count(*) filter (status <> 'no_listing') as listed_days, count(*) as day_count
from marts.coverage
where published_on >= $last_on - {COVERAGE_DAYS} and publisher_id = $id
group by publisher_id, source_id, way, start_on
order by way, source_id, start_on
""",
}


def outlet_pages(
    con: duckdb.DuckDBPyConnection,
    facts: Facts,
    outlets: list[Row],
    outlet_paths: dict[str, str],
) -> list[Page]:
    """Return the pages of the outlets, which are rows of ``OUTLETS``."""
    answers = {
        name: Answers(con, query, "publisher_id", **facts.values) for name, query in TABLES.items()
    }
    breaks: dict[str, list[Break]] = {}
    for found in read_breaks(con, ("open", "ended")):
        breaks.setdefault(found.publisher_id, []).append(found)
    pages = []
    for outlet in outlets:
        publisher = outlet["publisher_id"]
        own = breaks.get(publisher, [])
        title = f"Articles and stories by {facts.unit}"
        figure = counts_figure(
            "volume", title, answers["volume"], publisher, unit=facts.unit, per="day",
            source="marts.outlet_daily",
        )  # fmt: skip
        [volume] = marked([figure], own)
        sources = sources_figure(publisher, answers["sources"])
        values = {name: answer.rows(publisher) for name, answer in answers.items()} | {
            "outlet": outlet,
            "breaks": [found for found in own if found.state == "open"],
            "volume": volume,
            "sources": sources,
            "theme_days": OUTLET_THEME_DAYS,
            "sql": {name: answer.sql(publisher) for name, answer in answers.items()},
        }
        figures = [figure for figure in (volume, sources) if figure]
        path = outlet_paths[publisher]
        pages.append(Page(path, "outlet.html", values, figures, (f"outlet:{publisher}",)))
    return pages


def sources_figure(publisher_id: str, listed_items: Answers) -> Figure | None:
    """Return the figure of an outlet's sources by week, or None without data on them."""
    weeks = listed_items.rows(publisher_id)
    if not weeks:
        return None
    rows = [
        [f"{week['source_id']} ({week['way']})", *bounds(week["start_on"], "week")]
        + [_source_status(week)]
        + [week[key] for key in ("listed", "obtained", "missing", "later", "listed_days")]
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
