"""What several readings of a report share, made once in the connection's own memory: nothing is written to the release.

Each is also what a page's stamp is taken of: a page shows the newest mentions, so only those are looked at, not all there are.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tidings.flows.report.release import WINDOW_DAYS

if TYPE_CHECKING:
    import duckdb

    from tidings.flows.report.release import Facts

NEWEST = 20  # mentions of a theme, articles of an outlet
LATELY_DAYS = 91  # in which most have their newest
SPAN_DAYS = 3 * WINDOW_DAYS  # in which an outlet is compared with the others
OUTLET_THEMES, COMPANIONS = 15, 12
_Z = 1.959964

_MENTIONS = """
    insert into report_newest
    with hits as (
        select t.theme_id, m.article_id, m.published_on, m.phrase_id, m.field, m.start_offset, m.end_offset, m.snippet,
            count(*) over (partition by t.theme_id, m.article_id) - 1 as more_count
        from marts.theme_mentions as m inner join report_members as t on m.theme_id = t.member_id
        where m.published_on between $since::date and $until::date
            and t.theme_id not in (select theme_id from report_newest group by theme_id having count(*) >= {newest})
        qualify row_number() over (
            partition by t.theme_id, m.article_id order by m.field = 'title', m.start_offset, m.phrase_id
        ) = 1
    )
    select * from hits
    qualify row_number() over (partition by theme_id order by published_on desc, article_id) <= {newest}
"""
_ARTICLES = """
    insert into report_newest_articles
    select publisher_id, article_id, published_on from core.articles
    where excluded_reason is null and published_on between $since::date and $until::date and publisher_id not in (
        select publisher_id from report_newest_articles group by publisher_id having count(*) >= {newest}
    )
    qualify row_number() over (partition by publisher_id order by published_on desc, article_id) <= {newest}
"""


def prepare(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    """Make the tables and macros that the report's queries share.

    ``report_members`` has a row a theme and a theme that counts for it: itself and all below it. ``report_newest`` has a theme's
    newest mentions, one an article, ``report_newest_articles`` an outlet's newest articles, twenty at least where there are so
    many: one that was rare of late is looked for further back, the others need no look at the past. ``report_companions`` has
    the closest companions of a theme, ``report_language_totals`` the articles of a language by the report's step, on covered days
    of two years, ``report_outlet_themes`` an outlet's largest themes of the last 84 days beside those of all other outlets.
    """
    make_intervals(con)
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
    _make_newest(con, facts)
    _make_companions(con, facts)
    _make_language_totals(con, facts)
    _make_outlet_themes(con, facts)


def make_intervals(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``report_low`` and ``report_high``, the ends of the 95 % Wilson interval, as macros.

    Wilson 1927; Newcombe 1998, method 3; the marts' own formula.
    """
    for name, sign in (("report_low", "-"), ("report_high", "+")):
        con.execute(f"""
            create or replace temp macro {name}(hits, total) as case when total > 0 then greatest(0.0, least(1.0, (
                hits / total::double + {_Z**2} / (2 * total)
                {sign} {_Z} * sqrt(hits / total::double * (1 - hits / total::double) / total + {_Z**2} / (4.0 * total * total))
            ) / (1 + {_Z**2} / total))) end
        """)


def _make_newest(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    con.execute(
        "create or replace temp table report_newest as"
        " select theme_id, article_id, published_on, phrase_id, field, start_offset, end_offset, snippet, 0::bigint as more_count"
        " from marts.theme_mentions limit 0"
    )
    con.execute(
        "create or replace temp table report_newest_articles as"
        " select publisher_id, article_id, published_on from core.articles limit 0"
    )
    if facts.last_on is None:
        return
    lately = facts.last_on - dt.timedelta(LATELY_DAYS)
    for since, until in ((lately, dt.date.max), (dt.date.min, lately - dt.timedelta(1))):
        for query in (_MENTIONS, _ARTICLES):
            con.execute(query.format(newest=NEWEST), {"since": since, "until": until})


def _make_outlet_themes(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    con.execute(
        f"""
        create or replace temp table report_outlet_themes as
        with totals as (
            select publisher_id, sum(article_count)::bigint as total, sum(total) over ()::bigint as all_total
            from marts.outlet_daily where not is_gap and published_on > $last_on::date - {SPAN_DAYS} group by publisher_id
        ),
        own as (
            select publisher_id, theme_id, sum(article_count)::bigint as hits,
                sum(hits) over (partition by theme_id)::bigint as all_hits
            from marts.theme_outlet_daily
            where article_count > 0 and not is_gap and published_on > $last_on::date - {SPAN_DAYS}
            group by publisher_id, theme_id
        )
        select publisher_id, theme_id, hits, total, all_hits - hits as other_hits, all_total - total as other_total
        from own inner join totals using (publisher_id) inner join ref.themes as t using (theme_id)
        where t.parent_id is not null
        qualify row_number() over (partition by publisher_id order by hits desc, theme_id) <= {OUTLET_THEMES}
        """,
        {"last_on": facts.last_on},
    )


def _make_companions(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    # NPMI from the months' summed counts, -1 never together to 1 always (Bouma 2009); at least three articles. Rounded as
    # shown, so that an article elsewhere leaves a page as it is.
    if not facts.has("marts.theme_pairs_monthly", "theme_id", "other_theme_id", "article_count"):
        names = "theme_id varchar, other_theme_id varchar, article_count bigint, npmi double"
        con.execute(f"create or replace temp table report_companions ({names})")
        return
    con.execute(
        f"""
        create or replace temp table report_companions as
        with late as (
            select theme_id, other_theme_id, sum(article_count)::bigint as article_count from marts.theme_pairs_monthly
            where month_start_on > $last_on::date - interval 12 month group by all having sum(article_count) >= 3
        ),
        pairs as (from late union select other_theme_id, theme_id, article_count from late),
        months as (
            select theme_id, sum(article_count) as articles, sum(total_count) as total from marts.theme_monthly
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
            partition by pairs.theme_id order by npmi desc, pairs.article_count desc, pairs.other_theme_id
        ) <= {COMPANIONS}
        """,
        {"last_on": facts.last_on},
    )


def _make_language_totals(con: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    con.execute(
        f"""
        create or replace temp table report_language_totals as
        select a.language, date_trunc('{facts.unit}', a.published_on)::date as start, count(*) as total
        from core.articles as a
        semi join marts.outlet_daily as d
            on a.publisher_id = d.publisher_id and a.published_on = d.published_on and not d.is_gap
        where a.excluded_reason is null and a.published_on >= $since::date and a.language is not null group by all
        """,
        {"since": facts.small_from},
    )
