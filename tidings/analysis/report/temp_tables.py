"""Create the temporary tables and macros that the report's queries share, in the connection's
memory.

The release itself stays unchanged.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from tidings.analysis.report.release import WINDOW_DAYS
from tidings.base.functions import create_functions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tidings.analysis.report.release import Facts

NEWEST_COUNT = 20  # mentions per theme and articles per outlet
# most themes and outlets have their 20 newest in these days, so older days are rarely read
RECENT_DAYS = 91
OUTLET_THEME_DAYS = 3 * WINDOW_DAYS  # period for comparing an outlet with the others
OUTLET_THEME_COUNT, COOCCURRENCE_COUNT = 15, 12

_INSERT_MENTIONS = """
    insert into report_newest
    with hits as (
        select t.theme_id, m.article_id, m.published_on, m.phrase_id, m.field, m.start_offset,
            m.end_offset, m.snippet,
            count(*) over (partition by t.theme_id, m.article_id) - 1 as more_count
        from marts.theme_mentions as m inner join report_members as t on m.theme_id = t.member_id
        where m.published_on between $since::date and $until::date
            and t.theme_id not in (select theme_id from report_newest group by theme_id
                having count(*) >= {newest})
        qualify row_number() over (
            partition by t.theme_id, m.article_id
        order by m.field = 'title', m.start_offset, m.phrase_id
        ) = 1
    )
    select * from hits
    qualify row_number()
        over (partition by theme_id order by published_on desc, article_id) <= {newest}
"""
_INSERT_ARTICLES = """
    insert into report_newest_articles
    select publisher_id, article_id, published_on from core.articles
    where excluded_reason is null
        and published_on between $since::date and $until::date and publisher_id not in (
        select publisher_id from report_newest_articles group by publisher_id
        having count(*) >= {newest}
    )
    qualify row_number()
        over (partition by publisher_id order by published_on desc, article_id) <= {newest}
"""


def create_temp_tables(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    """Create the temporary tables and macros that the report's queries share.

    - ``report_members``: one row per theme and theme counted for it, which is the theme itself or a
      theme below it.
    - ``report_newest``: the newest mentions of each theme, one per article.
    - ``report_newest_articles``: the newest articles of each outlet.
    - ``report_cooccurrences``: the themes that co-occur most strongly with each theme.
    - ``report_language_totals``: articles by language and week or month, on covered days of the
      last two years.
    - ``report_outlet_themes``: the largest themes of each outlet in the last 84 days, with the
      counts of all other outlets.

    The two tables of newest rows contain at least 20 rows per theme or outlet if that many exist.
    The query reads older days only for themes and outlets with fewer in the last 91 days.
    """
    create_functions(con)
    con.execute("""
        create or replace temp table report_members as
        with recursive tree as (
            select theme_id, theme_id as member_id, 0 as depth from ref.themes
            union
            select tree.theme_id, themes.theme_id, tree.depth + 1
            from tree inner join ref.themes as themes on themes.parent_id = tree.member_id
            where tree.depth < 8
        )
        select distinct theme_id, member_id from tree
    """)
    _create_newest(con, facts)
    _create_cooccurrences(con, facts)
    _create_language_totals(con, facts)
    _create_outlet_themes(con, facts)


def create_wanted_tables(
    con: duckdb.DuckDBPyConnection, theme_ids: Sequence[str], publisher_ids: Sequence[str]
) -> None:
    """Create ``report_wanted_themes`` and ``report_wanted_outlets``, the themes and outlets with a
    page.
    """
    for table, column, ids in (
        ("report_wanted_themes", "theme_id", theme_ids),
        ("report_wanted_outlets", "publisher_id", publisher_ids),
    ):
        # As JSON: without pandas, DuckDB searches for it for each element of a list, which took
        # half of the report's CPU time.
        con.execute(
            f"create or replace temp table {table} as select unnest(from_json($ids,"
            f" '[\"VARCHAR\"]')) as {column}",
            {"ids": json.dumps(list(ids))},
        )


def _create_newest(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    con.execute(
        "create or replace temp table report_newest as"
        " select theme_id, article_id, published_on, phrase_id, field, start_offset, end_offset,"
        " snippet, 0::bigint as more_count"
        " from marts.theme_mentions limit 0"
    )
    con.execute(
        "create or replace temp table report_newest_articles as"
        " select publisher_id, article_id, published_on from core.articles limit 0"
    )
    if facts.last_on is None:
        return
    recent_from = facts.last_on - dt.timedelta(RECENT_DAYS)
    for since, until in ((recent_from, dt.date.max), (dt.date.min, recent_from - dt.timedelta(1))):
        for query in (_INSERT_MENTIONS, _INSERT_ARTICLES):
            con.execute(query.format(newest=NEWEST_COUNT), {"since": since, "until": until})


def _create_outlet_themes(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    query = f"""
    create or replace temp table report_outlet_themes as
    with totals as (
        select publisher_id, sum(article_count)::bigint as total,
            sum(total) over ()::bigint as all_total
        from marts.outlet_daily
        where not is_gap and published_on > $last_on::date - {OUTLET_THEME_DAYS}
        group by publisher_id
    ),
    own as (
        select publisher_id, theme_id, sum(about_count)::bigint as hits,
            sum(hits) over (partition by theme_id)::bigint as all_hits
        from marts.theme_outlet_daily
        where about_count > 0 and not is_gap and published_on > $last_on::date - {OUTLET_THEME_DAYS}
        group by publisher_id, theme_id
    )
    select publisher_id, theme_id, hits, total, all_hits - hits as other_hits,
        all_total - total as other_total
    from own inner join totals using (publisher_id) inner join ref.themes as t using (theme_id)
    where t.parent_id is not null
    qualify row_number()
        over (partition by publisher_id order by hits desc, theme_id) <= {OUTLET_THEME_COUNT}
    """
    con.execute(query, {"last_on": facts.last_on})


def _create_cooccurrences(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    # NPMI from the counts of 12 months, from -1 (never together) to 1 (always together), for at
    # least three articles (Bouma 2009). Values are rounded as displayed, so that an article on
    # other themes does not change the page.
    query = f"""
    create or replace temp table report_cooccurrences as
    with late as (
        select theme_id, other_theme_id, sum(article_count)::bigint as article_count
        from marts.theme_pairs_monthly
        where month_start_on > $last_on::date - interval 12 month group by all
        having sum(article_count) >= 3
    ),
    pairs as (from late union select other_theme_id, theme_id, article_count from late),
    months as (
        select theme_id, sum(article_count) as articles, sum(total_count) as total
        from marts.theme_monthly
        where month_start_on > $last_on::date - interval 12 month group by all
    )
    select pairs.theme_id, pairs.other_theme_id, pairs.article_count,
        round(pairs.article_count / a.articles, 3) as theme_share,
        round(ln(pairs.article_count * a.total / (a.articles * b.articles))
            / nullif(-ln(pairs.article_count / a.total), 0), 2) as npmi
    from pairs
    inner join months as a on pairs.theme_id = a.theme_id
    inner join months as b on pairs.other_theme_id = b.theme_id
    inner join ref.themes as t on pairs.other_theme_id = t.theme_id
    where t.parent_id is not null
    qualify row_number() over (
        partition by pairs.theme_id
    order by npmi desc, pairs.article_count desc, pairs.other_theme_id
    ) <= {COOCCURRENCE_COUNT}
    """
    con.execute(query, {"last_on": facts.last_on})


def _create_language_totals(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    query = f"""
    create or replace temp table report_language_totals as
    select a.language, date_trunc('{facts.unit}', a.published_on)::date as start, count(*) as total
    from core.articles as a
    semi join marts.outlet_daily as d
        on a.publisher_id = d.publisher_id and a.published_on = d.published_on and not d.is_gap
    where a.excluded_reason is null and a.published_on >= $since::date and a.language is not null
    group by all
    """
    con.execute(query, {"since": facts.small_from})
