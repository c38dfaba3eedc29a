"""Query the data of outlet pages: articles, themes, distinctive phrases, coverage gaps and
sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.analysis.answers import Answer, Answers, ask
from tidings.analysis.report.figure import NOT_OVER
from tidings.analysis.report.phrase_data import NEWEST_COUNT
from tidings.analysis.report.release import WINDOW_DAYS, is_over

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.report.release import Facts

COVERAGE_DAYS = 364
OUTLET_THEME_DAYS, OUTLET_THEME_COUNT = 3 * WINDOW_DAYS, 15
"""Period of the comparison of an outlet with the others, and its themes."""
MIN_Z = 1.96


def read_outlets(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answer:
    """Return the outlets of the release by name, with their article and gap counts and their
    languages of the last two years.
    """
    query = """
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
    return ask(con, query, since=facts.small_from)


def read_volumes(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the articles and stories of each outlet by week or month over two years."""
    query = f"""
    select publisher_id, date_trunc($unit, published_on)::date as start_on,
        sum(article_count)::bigint as article_count, sum(story_count)::bigint as story_count,
        count(*) filter (not is_gap) as covered_days,
        {is_over(facts.unit)} as is_over
    from marts.outlet_daily
    where published_on >= $since and publisher_id = $id
    group by all order by publisher_id, start_on
    """
    values = {"since": facts.small_from, "unit": facts.unit, "last_on": facts.last_on}
    return Answers(con, query, "publisher_id", **values)


def read_outlet_themes(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the themes of each outlet in the last 84 days with the share of all other outlets, the
    largest first.
    """
    query = f"""
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
    order by publisher_id, hits desc, theme_id
    """
    return Answers(con, query, "publisher_id", last_on=facts.last_on)


def read_keyness(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the phrases that each outlet uses significantly more than others, in its last month
    with any.
    """
    query = f"""
    select publisher_id, month_start_on, language, term, theme_id, mention_count,
        other_mention_count, z
    from marts.keyness_monthly where z >= {MIN_Z} and publisher_id = $id
    qualify month_start_on = max(month_start_on) over (partition by publisher_id)
        and row_number() over (partition by publisher_id, month_start_on
            order by z desc, term) <= 12
    order by publisher_id, z desc, term
    """
    return Answers(con, query, "publisher_id")


def read_newest_articles(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the newest articles of each outlet, at most twenty."""
    query = f"""
    with newest as (
        select publisher_id, article_id, published_on from core.articles
        where excluded_reason is null and publisher_id = $id
        qualify row_number()
            over (partition by publisher_id
                order by published_on desc, article_id) <= {NEWEST_COUNT}
    )
    select publisher_id, a.title, a.url, published_on, a.language
    from newest inner join core.articles as a using (publisher_id, article_id, published_on)
    order by publisher_id, published_on desc, article_id
    """
    return Answers(con, query, "publisher_id")


def read_gaps(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the gaps of each outlet as runs of days with the same reason, the newest first, at
    most thirty.
    """
    query = """
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
    order by publisher_id, start_on desc
    """
    return Answers(con, query, "publisher_id")


def read_recent_gaps(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answer:
    """Return the outlets with a gap in the last 28 days and the reasons, the most gap days
    first.
    """
    query = f"""
    select publisher_id, coalesce(any_value(p.name), publisher_id) as name, count(*) as day_count,
        string_agg(distinct replace(coalesce(gap_reason, 'unknown'), '_', ' '), ', '
            order by replace(coalesce(gap_reason, 'unknown'), '_', ' ')) as reasons
    from marts.outlet_daily left join ref.publishers as p using (publisher_id)
    where is_gap and published_on > $last_on - {WINDOW_DAYS} group by publisher_id
    order by day_count desc, name
    """
    return ask(con, query, last_on=facts.last_on)


def read_coverage(con: duckdb.DuckDBPyConnection, facts: Facts, unit: str) -> Answer:
    """Return the status, articles, covered days and gap reasons of each outlet by period, over the
    last year.

    A week is a gap if less than half of its days were covered. ``level`` is the square root of the
    articles relative to the outlet's maximum, from 0 to 1.
    """
    query = f"""
    with periods as (
        select d.publisher_id, coalesce(any_value(p.name), d.publisher_id) as outlet,
            date_trunc($unit, d.published_on)::date as start_on,
            sum(d.article_count)::bigint as article_count,
            count(*) filter (not d.is_gap) as covered_days, count(*) as day_count,
            string_agg(distinct replace(d.gap_reason, '_', ' '), ', '
                order by replace(d.gap_reason, '_', ' ')) as reasons,
            {is_over(unit)} as is_over
        from marts.outlet_daily as d left join ref.publishers as p using (publisher_id)
        where d.published_on >= $last_on - {COVERAGE_DAYS} group by d.publisher_id, start_on
    )
    select outlet, start_on,
        case when covered_days * 2 < day_count then 'gap' when not is_over then '{NOT_OVER}'
            when article_count = 0 then 'no articles'
            when covered_days < day_count then 'partly covered'
            else 'covered' end as status,
        article_count, covered_days, reasons,
        coalesce(round(sqrt(article_count
            / nullif(max(article_count) over (partition by publisher_id), 0)), 2), 0.0) as level
    from periods order by outlet, publisher_id, start_on
    """
    return ask(con, query, unit=unit, last_on=facts.last_on)


def read_sources(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the weeks of each outlet's sources over the last year, with listed, obtained and
    missing items.
    """
    query = f"""
    select publisher_id, source_id, way, date_trunc('week', published_on)::date as start_on,
        coalesce(sum(listed_count), 0)::bigint as listed,
        coalesce(sum(obtained_count), 0)::bigint as obtained,
        coalesce(sum(missing_count), 0)::bigint as missing,
        coalesce(sum(later_copy_count), 0)::bigint as later,
        count(*) filter (status <> 'no_listing') as listed_days, count(*) as day_count
    from marts.coverage
    where published_on >= $last_on - {COVERAGE_DAYS} and publisher_id = $id
    group by publisher_id, source_id, way, start_on
    order by publisher_id, way, source_id, start_on
    """
    return Answers(con, query, "publisher_id", last_on=facts.last_on)
