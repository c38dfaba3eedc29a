"""Query the data of theme pages: shares by period, outlet and language, co-occurring themes and
outlets.
"""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING

from tidings.analysis.answers import Answers, ask
from tidings.analysis.report.release import is_over
from tidings.paths import SEEDS

if TYPE_CHECKING:
    import duckdb

    from tidings.analysis.answers import Row
    from tidings.analysis.report.release import Facts

SMALL_CHART_COUNT = 12  # small charts by outlet
MIN_CORRELATION, ADDED_COUNT, COOCCURRENCE_COUNT = 0.3, 4, 12
MIN_INDEX_MONTHS = 6
MEMBERS = """members as (
        select theme_id, theme_id as member_id from ref.themes
        union
        select members.theme_id, themes.theme_id from members
        inner join ref.themes on themes.parent_id = members.member_id
    )"""
"""Common table expression (recursive): a row per theme and theme that counts for it, which is the
theme itself or one below it.
"""
_SHARE = (
    "share(hits, total) as share, wilson_low(hits, total) as low, wilson_high(hits, total) as high"
)


def read_themes(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the themes in the order of the theme list, each policy area before its themes."""
    return ask(
        con,
        "select theme_id, parent_id, label_en, label_zh, label_de, cap_code, kind, definition,"
        " valid_from, valid_to, source"
        " from ref.themes order by coalesce(parent_id, theme_id), parent_id is not null, label_en,"
        " theme_id",
    ).rows


def read_added_themes(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the themes that the user added or extended, the last first, at most four.

    A theme counts if it is not in the bundled word list, unless the release uses none of that list,
    or if it has a phrase that ``tidings phrase`` accepted. ``added_on`` is the day of the last
    acceptance, or None.
    """
    with (SEEDS / "themes.csv").open(encoding="utf-8") as file:
        bundled = [row["theme_id"] for row in csv.DictReader(file)]
    query = f"""
    with accepted as (
        select p.theme_id, max(r.reviewed_on) as added_on from ref.theme_phrases as p
        inner join ref.candidate_reviews as r
            on lower(p.phrase) = lower(r.phrase) and p.language = r.language
        where r.verdict = 'accepted' group by all
    )
    select theme_id, added_on from ref.themes left join accepted using (theme_id)
    where added_on is not null or (
        theme_id not in $bundled
        and exists (select 1 from ref.themes where theme_id in $bundled)
    )
    order by added_on desc nulls last, theme_id limit {ADDED_COUNT}
    """
    return ask(con, query, bundled=bundled).rows


def read_series(con: duckdb.DuckDBPyConnection, facts: Facts, unit: str) -> Answers:
    """Return the weeks or months of all themes.

    Months cover the whole history. Weeks cover at most two years, because more would be unreadable
    in one chart.
    """
    since = facts.small_from - dt.timedelta(6) if unit == "week" and facts.small_from else None
    query = f"""
    select theme_id, {unit}_start_on as start_on, about_share, about_share_low, about_share_high,
        about_count, share, share_low, share_high, article_count, total_count, covered_days,
        is_complete, story_count,
        share_corrected, share_corrected_low, share_corrected_high
    from marts.theme_{unit}ly
    where {unit}_start_on >= coalesce($since, '-infinity') and theme_id = $id
    order by theme_id, start_on
    """
    return Answers(con, query, since=since)


def read_gap_articles(con: duckdb.DuckDBPyConnection, facts: Facts) -> tuple[int, int]:
    """Return the articles of the last two years that were published on gap days of their outlets,
    and all articles.
    """
    query = (
        "select coalesce(sum(article_count) filter (is_gap), 0)::bigint as gap_count,"
        " coalesce(sum(article_count), 0)::bigint as article_count"
        " from marts.outlet_daily where published_on >= $since"
    )
    [row] = ask(con, query, since=facts.small_from).rows
    return row["gap_count"], row["article_count"]


def read_by_outlet(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the series of the outlets with the most articles about each theme over the last two
    years.
    """
    query = f"""
    with hits as (
        select theme_id, publisher_id, date_trunc($unit, published_on)::date as start_on,
            sum(about_count)::bigint as hits
        from marts.theme_outlet_daily
        where published_on >= $since and not is_gap and about_count > 0 and theme_id = $id
        group by all
    ),
    most as (
        select theme_id, publisher_id, sum(hits)::bigint as hit_count,
            count(*) over (partition by theme_id) as outlet_count
        from hits group by theme_id, publisher_id
        qualify row_number()
            over (partition by theme_id
                order by hit_count desc, publisher_id) <= {SMALL_CHART_COUNT}
    ),
    -- All articles of an outlet, which theme_outlet_daily repeats for each theme.
    periods as (
        select publisher_id, date_trunc($unit, published_on)::date as start_on,
            coalesce(sum(article_count) filter (not is_gap), 0)::bigint as total,
            count(*) filter (not is_gap) as covered_days,
            {is_over(facts.unit)} as is_complete
        from marts.outlet_daily where published_on >= $since group by all
    ),
    counts as (
        select most.*, periods.* exclude (publisher_id), coalesce(hits, 0) as hits
        from most inner join periods using (publisher_id)
        left join hits using (theme_id, publisher_id, start_on)
    )
    select theme_id, publisher_id, coalesce(p.name, publisher_id) as name, outlet_count, start_on,
        {_SHARE}, hits, total, covered_days, is_complete
    from counts left join ref.publishers as p using (publisher_id)
    order by theme_id, hit_count desc, publisher_id, start_on
    """
    return Answers(con, query, since=facts.small_from, unit=facts.unit, last_on=facts.last_on)


def read_by_language(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the series of the languages of each theme over the last two years: articles about it,
    out of all in that language.

    Both counts exclude coverage gaps. The share is null in a period without articles in that
    language.
    """
    query = f"""
    with covered as (
        select publisher_id, published_on from marts.outlet_daily
        where not is_gap and published_on >= $since
    ),
    periods as (
        select date_trunc($unit, published_on)::date as start_on,
            count(distinct published_on) filter (not is_gap) as covered_days,
            {is_over(facts.unit)} as is_complete
        from marts.outlet_daily where published_on >= $since group by all
    ),
    totals as (
        select language, date_trunc($unit, published_on)::date as start_on, count(*) as total
        from core.articles semi join covered using (publisher_id, published_on)
        where excluded_reason is null and published_on >= $since and language is not null
        group by all
    ),
    hits as (
        select theme_id, language, date_trunc($unit, published_on)::date as start_on,
            count(*) as hits
        from marts.article_themes semi join covered using (publisher_id, published_on)
        where is_about and published_on >= $since and language is not null and theme_id = $id
        group by all
    ),
    counts as (
        select theme_id, language, periods.*, coalesce(hits, 0) as hits, coalesce(total, 0) as total
        from (select distinct theme_id, language from hits) cross join periods
        left join hits using (theme_id, language, start_on)
        left join totals using (language, start_on)
    )
    select theme_id, language, start_on, {_SHARE}, hits, total, covered_days, is_complete
    from counts
    order by theme_id, sum(hits) over (partition by theme_id, language) desc, language, start_on
    """
    return Answers(con, query, since=facts.small_from, unit=facts.unit, last_on=facts.last_on)


def read_cooccurrences(con: duckdb.DuckDBPyConnection, facts: Facts) -> Answers:
    """Return the themes in the same articles as each theme over the last twelve months, the highest
    NPMI first.

    NPMI is computed from the counts of all months, from -1 (never together) to 1 (always together),
    for at least three articles (Bouma 2009). Values are rounded as displayed, so that an article on
    other themes does not change the page.
    """
    query = f"""
    with late as (
        select theme_id, other_theme_id, sum(article_count)::bigint as article_count
        from marts.theme_pairs_monthly
        where month_start_on > $last_on - interval 12 month group by all
        having sum(article_count) >= 3
    ),
    pairs as (from late union select other_theme_id, theme_id, article_count from late),
    months as (
        select theme_id, sum(article_count) as articles, sum(total_count) as total
        from marts.theme_monthly
        where month_start_on > $last_on - interval 12 month group by all
    )
    select pairs.theme_id, pairs.other_theme_id, t.label_en, pairs.article_count,
        round(pairs.article_count / a.articles, 3) as theme_share,
        round(ln(pairs.article_count * a.total / (a.articles * b.articles))
            / nullif(-ln(pairs.article_count / a.total), 0), 2) as npmi
    from pairs
    inner join months as a on pairs.theme_id = a.theme_id
    inner join months as b on pairs.other_theme_id = b.theme_id
    inner join ref.themes as t on pairs.other_theme_id = t.theme_id
    where t.parent_id is not null and pairs.theme_id = $id
    qualify row_number() over (
        partition by pairs.theme_id
        order by npmi desc, pairs.article_count desc, pairs.other_theme_id
    ) <= {COOCCURRENCE_COUNT}
    order by pairs.theme_id, npmi desc, pairs.article_count desc, pairs.other_theme_id
    """
    return Answers(con, query, last_on=facts.last_on)


def read_leads(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the pairs of outlets whose daily shares of a theme correlate most closely. A
    correlation proves no cause.
    """
    query = f"""
    select l.theme_id, coalesce(a.name, l.leader_id) as leader,
        coalesce(b.name, l.follower_id) as follower, l.lag_days, l.correlation
    from marts.lead_lags as l
    left join ref.publishers as a on l.leader_id = a.publisher_id
    left join ref.publishers as b on l.follower_id = b.publisher_id
    where l.correlation >= {MIN_CORRELATION} and l.theme_id = $id
    qualify row_number()
        over (partition by l.theme_id order by l.correlation desc, l.leader_id, l.follower_id) <= 6
    order by l.theme_id, l.correlation desc, l.leader_id, l.follower_id
    """
    return Answers(con, query)


def read_concentration(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the concentration of each theme over outlets in its last month with articles."""
    query = """
    select theme_id, month_start_on, effective_outlet_count, outlet_count, hhi
    from marts.concentration_monthly
    where effective_outlet_count is not null and theme_id = $id
    qualify row_number() over (partition by theme_id order by month_start_on desc) = 1
    """
    return Answers(con, query)


def read_indices(con: duckdb.DuckDBPyConnection) -> Answers:
    """Return the monthly outlet-standardised indices of each theme for each baseline with at least
    six values.
    """
    query = f"""
    select theme_id, baseline_id, month_start_on,
        if(is_complete, standardised_index, null) as standardised_index
    from marts.theme_index_monthly where theme_id = $id
    qualify count(if(is_complete, standardised_index, null))
        over (partition by theme_id, baseline_id) >= {MIN_INDEX_MONTHS}
    order by theme_id, baseline_id, month_start_on
    """
    return Answers(con, query)
