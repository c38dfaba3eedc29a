-- One row per coded article and theme that a reader or the word list found in it, including
-- parents, and one row without a theme per coded article.
{{ config(materialized='view', database='memory') }}

with codings as (
    select * from {{ source('ref', 'codings') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
    where excluded_reason is null
),

-- If several people coded an article, the most recent coding counts.
latest as (
    select
        text_hash,
        arg_max(coder, row(coalesce(coded_at, '-infinity'::timestamptz), coder)) as coder
    from codings
    group by text_hash
),

coded as (
    select
        codings.text_hash,
        max(codings.article_id) as article_id,
        max(coalesce({{ primary_language('codings.language') }}, 'unknown')) as language,
        max(codings.published_on) as published_on,
        max(coalesce(codings.weight, 1)) as weight,
        bool_or(coalesce(codings.is_any, false)) as is_any,
        max(codings.found_theme_ids) as found_theme_ids,
        max(codings.about_theme_ids) as about_theme_ids
    from codings
    semi join latest on codings.text_hash = latest.text_hash and codings.coder = latest.coder
    group by codings.text_hash
),

roles as (
    select
        text_hash,
        theme_id,
        bool_or(is_main) as is_main
    from (
        select
            codings.text_hash,
            codings.role = 'main' as is_main,
            unnest(themes.counted_theme_ids) as theme_id
        from codings
        semi join latest on codings.text_hash = latest.text_hash and codings.coder = latest.coder
        inner join themes on codings.theme_id = themes.theme_id
    )
    group by text_hash, theme_id
),

stored as (
    select coded.* from coded
    semi join articles on coded.article_id = articles.article_id
),

-- The present word list decides for articles of the warehouse, and the list at the time of the
-- coding for others.
found as (
    select
        stored.text_hash,
        article_themes.theme_id,
        article_themes.is_about
    from {{ ref('article_themes') }} as article_themes
    inner join stored on article_themes.article_id = stored.article_id
    union all
    select
        other.text_hash,
        other.theme_id,
        coalesce(list_contains(other.about_theme_ids, other.theme_id), false) as is_about
    from (
        select
            coded.text_hash,
            coded.about_theme_ids,
            unnest(list_distinct(coded.found_theme_ids)) as theme_id
        from coded
        anti join stored on coded.text_hash = stored.text_hash
    ) as other
    semi join themes on other.theme_id = themes.theme_id
),

pairs as (
    select
        coalesce(roles.text_hash, found.text_hash) as text_hash,
        coalesce(roles.theme_id, found.theme_id) as theme_id,
        case when found.is_about then 'about' when found.theme_id is null then 'absent' else 'mentioned' end as prediction,
        coalesce(roles.is_main, false) as is_main,
        roles.theme_id is not null as is_coded
    from roles
    full join found on roles.text_hash = found.text_hash and roles.theme_id = found.theme_id
    union all
    select
        text_hash,
        null as theme_id,
        'absent' as prediction,
        false as is_main,
        false as is_coded
    from coded
)

select
    pairs.text_hash,
    pairs.theme_id,
    coded.language,
    coded.published_on,
    coded.weight,
    pairs.prediction,
    pairs.is_main,
    pairs.is_coded or (coded.is_any and pairs.prediction != 'absent') as is_named
from pairs
inner join coded on pairs.text_hash = coded.text_hash
