"""Query the data of outlet pages: articles, themes, distinctive phrases, coverage gaps and
sources.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tidings.analysis.report.figure import NOT_OVER
from tidings.analysis.report.release import group_rows, is_over, read_rows
from tidings.analysis.report.temp_tables import NEWEST_COUNT

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.report.release import Facts, Grouped

COVERAGE_DAYS = 364
MIN_Z = 1.96


def read_outlets(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return the outlets of the release by name, with their article and gap counts and their
    languages of the last two years.
    """
    query = """
    with articles as (
        select publisher_id, list_sort(list(distinct language)) as languages
        from core.articles where published_on >= $since::date group by all
    ),
    days as (
        select publisher_id, sum(article_count)::bigint as article_count,
            sum(excluded_count)::bigint as excluded_count,
            count(*) as day_count, count(*) filter (is_gap) as gap_count,
            count(*) filter (is_gap and published_on >= $start::date) as recent_gap_count,
            min(published_on) as first_on, max(published_on) as last_on,
            max(published_on) filter (article_count > 0) as last_article_on
        from marts.outlet_daily group by all
    )
    select days.*, p.name, p.country, p.publisher_type, p.time_zone, articles.languages
    from days left join ref.publishers as p using (publisher_id)
    left join articles using (publisher_id)
    order by lower(coalesce(p.name, publisher_id)), publisher_id
    """
    return read_rows(con, query, {"start": facts.window_from, "since": facts.small_from})


def read_volumes(con: duckdb.DuckDBPyConnection, facts: Facts) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows (start, articles, stories, covered days, is over) of each wanted outlet by
    week or month over two years.
    """
    query = f"""
    select publisher_id, date_trunc('{facts.unit}', published_on)::date as start,
        sum(article_count)::bigint,
        sum(story_count)::bigint, count(*) filter (not is_gap),
        {is_over(facts.unit)}
    from marts.outlet_daily
    where published_on >= $start::date and publisher_id in (from report_wanted_outlets)
    group by all order by publisher_id, start
    """
    rows = con.execute(query, {"start": facts.small_from, "last_on": facts.last_on}).fetchall()
    grouped: dict[str, list[tuple[Any, ...]]] = {}
    for publisher, *row in rows:
        grouped.setdefault(publisher, []).append(tuple(row))
    return grouped


def read_outlet_themes(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the themes of each wanted outlet in the last 84 days with the share of all other
    outlets, the largest first.
    """
    query = """
    select s.publisher_id, s.theme_id, t.label_en, s.hits, s.total,
        s.hits / nullif(s.total, 0) as share,
        wilson_low(s.hits, s.total) as low, wilson_high(s.hits, s.total) as high,
        s.other_hits / nullif(s.other_total, 0) as other_share
    from report_outlet_themes as s inner join ref.themes as t using (theme_id)
    where s.publisher_id in (from report_wanted_outlets)
    order by s.publisher_id, s.hits desc, s.theme_id
    """
    return group_rows(read_rows(con, query), "publisher_id")


def read_keyness(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the phrases that each wanted outlet uses significantly more than others, in its last
    month with any.
    """
    query = f"""
    select publisher_id, month_start_on, language, term, theme_id, mention_count,
        other_mention_count, z
    from marts.keyness_monthly where z >= {MIN_Z} and publisher_id in (from report_wanted_outlets)
    qualify month_start_on = max(month_start_on) over (partition by publisher_id)
        and row_number() over (partition by publisher_id, month_start_on
            order by z desc, term) <= 12
    order by publisher_id, z desc, term
    """
    return group_rows(read_rows(con, query), "publisher_id")


def read_newest_articles(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the newest articles of each wanted outlet, at most twenty."""
    query = f"""
    with newest as (
        select * from report_newest_articles where publisher_id in (from report_wanted_outlets)
        qualify row_number()
            over (partition by publisher_id
                order by published_on desc, article_id) <= {NEWEST_COUNT}
    )
    select a.publisher_id, a.title, a.url, a.published_on, a.language
    from newest as n inner join core.articles as a
        on n.article_id = a.article_id and n.published_on = a.published_on
    order by a.publisher_id, a.published_on desc, a.article_id
    """
    return group_rows(read_rows(con, query), "publisher_id")


def read_gaps(con: duckdb.DuckDBPyConnection) -> Grouped:
    """Return the gaps of each wanted outlet as runs of days with the same reason, the newest first,
    at most thirty.
    """
    query = """
    with runs as (
        select *,
            published_on - (row_number()
                over (partition by publisher_id, gap_reason order by published_on))::integer as run
        from marts.outlet_daily where is_gap and publisher_id in (from report_wanted_outlets)
    )
    select publisher_id, gap_reason, min(published_on) as start_on, max(published_on) as end_on,
        count(*) as day_count,
        sum(article_count)::bigint as article_count
    from runs group by publisher_id, gap_reason, run
    qualify row_number() over (partition by publisher_id order by start_on desc) <= 30
    order by publisher_id, start_on desc
    """
    return group_rows(read_rows(con, query), "publisher_id")


def read_recent_gaps(con: duckdb.DuckDBPyConnection, facts: Facts) -> list[dict[str, Any]]:
    """Return the outlets with a gap in the last 28 days and the reasons, the most gap days
    first.
    """
    query = """
    select publisher_id, coalesce(any_value(p.name), publisher_id) as name, count(*) as day_count,
        string_agg(distinct replace(coalesce(gap_reason, 'unknown'), '_', ' '), ', '
            order by replace(coalesce(gap_reason, 'unknown'), '_', ' ')) as reasons
    from marts.outlet_daily left join ref.publishers as p using (publisher_id)
    where is_gap and published_on >= $start::date group by publisher_id
    order by day_count desc, name
    """
    return read_rows(con, query, {"start": facts.window_from})


def coverage_from(facts: Facts) -> dt.date | None:
    """Return the first day of the coverage figures, at most a year back, or None if the release has
    no days.
    """
    if facts.first_on is None or facts.last_on is None:
        return None
    return max(facts.first_on, facts.last_on - dt.timedelta(days=COVERAGE_DAYS))


def read_coverage(
    con: duckdb.DuckDBPyConnection, facts: Facts, start: dt.date, unit: str
) -> list[tuple[Any, ...]]:
    """Return rows (outlet, start, status, articles, covered days, reasons, level) by outlet and
    period from ``start``.

    A week is a gap if less than half of its days were covered. ``level`` is the square root of the
    articles relative to the outlet's maximum, from 0 to 1.
    """
    query = f"""
    with periods as (
        select d.publisher_id, coalesce(any_value(p.name), d.publisher_id) as outlet,
            date_trunc('{unit}', d.published_on)::date as start,
            sum(d.article_count)::bigint as articles,
            count(*) filter (not d.is_gap) as covered, count(*) as days,
            string_agg(distinct replace(d.gap_reason, '_', ' '), ', '
                order by replace(d.gap_reason, '_', ' ')) as reasons,
            {is_over(unit)} as is_over
        from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
        where d.published_on >= $start::date group by d.publisher_id, start
    )
    select outlet, start,
        case when covered * 2 < days then 'gap' when not is_over then '{NOT_OVER}'
            when articles = 0 then 'no articles' when covered < days then 'partly covered'
            else 'covered' end,
        articles, covered, reasons,
        coalesce(round(sqrt(articles / nullif(max(articles) over (partition by publisher_id), 0)),
            2), 0.0)
    from periods order by outlet, publisher_id, start
    """
    return con.execute(query, {"start": start, "last_on": facts.last_on}).fetchall()


def read_sources(con: duckdb.DuckDBPyConnection, facts: Facts) -> Grouped:
    """Return the weeks of each source of the wanted outlets over the last year, with listed,
    obtained and missing items.
    """
    query = """
    select publisher_id, source_id, way, date_trunc('week', published_on)::date as start,
        coalesce(sum(listed_count), 0)::bigint as listed,
        coalesce(sum(obtained_count), 0)::bigint as obtained,
        coalesce(sum(missing_count), 0)::bigint as missing,
        coalesce(sum(later_copy_count), 0)::bigint as later,
        count(*) filter (status <> 'no_listing') as listed_days, count(*) as day_count
    from marts.coverage
    where published_on >= $start::date and publisher_id in (from report_wanted_outlets)
    group by publisher_id, source_id, way, start order by publisher_id, way, source_id, start
    """
    return group_rows(read_rows(con, query, {"start": coverage_from(facts)}), "publisher_id")
