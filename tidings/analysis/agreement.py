"""Measure the agreement of coders who coded the same articles."""

import duckdb

from tidings.analysis.inputs import refuse

# Of n decisions, c are for a theme. With m coders of an article, k of whom choose the theme, the
# disagreement a about it is 2 k (m - k) / (m - 1). Alpha is 1 - observed / expected disagreement
# (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, steps C.2 and D). Its interval is
# from the jackknife that omits one article at a time, because its decisions are not independent
# (Efron and Stein 1981); it is null if alpha is undefined without some article.
_ALPHA = "1 - ({n} - 1) * {a} / nullif(2 * {c} * ({n} - {c}), 0)"
_AGREEMENT = f"""
with coded as (
    select *, coalesce(nullif(article_id::varchar, ''), text_hash) as article from {{labels}}
    window same as (partition by article)
    qualify count(distinct coder) over same > 1
        and not bool_or(coalesce(try_cast(is_any as boolean), false)) over same
),
measures as (
    select unnest(['about', 'mention']) as measure, unnest([['main'], ['main', 'side']]) as roles
),
votes as (
    select measure, article, theme, count(distinct coder) as k
    from coded
    inner join (
        select theme_id, unnest([theme_id, parent_id]) as theme from {{themes}}
    ) using (theme_id)
    inner join measures on list_contains(roles, role)
    group by all
),
members as (
    select unnest([theme_id, if(parent_id > '', 'all themes', 'all areas')]) as theme_id,
        theme_id as theme
    from {{themes}}
),
units as (
    select measure, theme_id, article, m * count(*) as n, coalesce(sum(k), 0) as c,
        coalesce(sum(2 * k * (m - k)), 0) / (m - 1) as a
    from (select article, count(distinct coder) as m from coded group by article)
    cross join measures cross join members
    left join votes using (measure, article, theme)
    group by measure, theme_id, article, m
),
parts as (
    select *, sum(n) over same as n_all, sum(c) over same as c_all, sum(a) over same as a_all,
        {_ALPHA.format(n="n_all", c="c_all", a="a_all")} as alpha,
        {_ALPHA.format(n="(n_all - n)", c="(c_all - c)", a="(a_all - a)")} as rest
    from units window same as (partition by measure, theme_id)
)
select measure, theme_id, count(*) as article_count, c_all::bigint as chosen_count,
    round(1 - a_all / n_all, 4) as agreement, round(alpha, 4) as alpha,
    if(count(rest) < greatest(count(*), 2), null,
        1.959964 * sqrt((count(*) - 1) * var_pop(rest))) as reach,
    if(reach is null, null, round(greatest(-1, alpha - reach), 4)) as alpha_low,
    if(reach is null, null, round(least(1, alpha + reach), 4)) as alpha_high
from parts
group by measure, theme_id, n_all, c_all, a_all, parts.alpha
having c_all > 0 or theme_id like 'all %'
order by measure, theme_id not like 'all %', theme_id
"""


def measure_agreement(
    con: duckdb.DuckDBPyConnection, labels: str, themes: str
) -> duckdb.DuckDBPyRelation:
    """Return a row per measure and theme that a coder chose, after rows for all policy areas and
    for all themes below them, from tables with the columns of ``codings.csv`` and ``themes.csv``.

    A unit is the decision whether an article is about the theme or a theme below it (measure
    ``about``), or deals with it at all (``mention``). Round-ups do not count. Raises InputError if
    no article has two coders.
    """
    rows = con.sql(_AGREEMENT.format(labels=labels, themes=themes)).project("* exclude (reach)")
    refuse(
        rows.limit(1).fetchone() is None,
        "No article has two coders, not counting round-ups. A second coder must"
        " label the same sample.",
    )
    return rows
