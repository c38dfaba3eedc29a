-- One row per theme, language, period, measure and prediction of the word list: the coded articles,
-- and those for which the theme is true. Language and period may be "all".
{{ config(unique_key=['theme_id', 'language', 'period', 'measure', 'prediction']) }}

with codings as (
    select * from {{ source('ref', 'codings') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

counted_articles as (
    select * from {{ source('core', 'articles') }}
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
        max(coalesce(primary_language(codings.language), 'unknown')) as language,
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
    semi join counted_articles on coded.article_id = counted_articles.article_id
),

mentions as (
    select mentions.* from {{ source('annotations', 'mentions') }} as mentions
    semi join stored on mentions.article_id = stored.article_id
),

assigned as (
    select * from assign_themes('mentions', 'themes')
),

-- The present word list decides for articles of the warehouse, and the list at the time of the
-- coding for others.
found as (
    select
        stored.text_hash,
        assigned.theme_id,
        assigned.is_about
    from assigned
    inner join stored on assigned.article_id = stored.article_id
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
        case
            when found.is_about then 'about' when found.theme_id is null then 'absent' else
                'mentioned'
        end as prediction,
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
),

-- One row per coded article, and one per theme that a reader or the word list found in it.
coded_themes as (
    select
        pairs.text_hash,
        pairs.theme_id,
        unnest([coded.language, 'all']) as language,
        coded.published_on,
        coded.weight,
        pairs.prediction,
        pairs.is_main,
        pairs.is_coded or (coded.is_any and pairs.prediction != 'absent') as is_named
    from pairs
    inner join coded on pairs.text_hash = coded.text_hash
),

-- An article without a date has no quarter.
articles as (
    select
        * exclude (published_on),
        unnest(
            if(
                published_on is null,
                ['all'],
                [strftime(published_on, '%Y-Q') || quarter(published_on), 'all']
            )
        ) as period
    from coded_themes
),

totals as (
    select
        language,
        period,
        count(*) as coded_count,
        sum(weight) as coded_weight,
        sum(weight * weight) as coded_squares
    from articles
    where theme_id is null
    group by language, period
),

counts as (
    select
        theme_id,
        language,
        period,
        prediction,
        measure,
        count(*) as coded_count,
        sum(weight) as coded_weight,
        sum(weight * weight) as coded_squares,
        count(*) filter (where is_true) as true_count,
        coalesce(sum(weight) filter (where is_true), 0) as true_weight,
        coalesce(sum(weight * weight) filter (where is_true), 0) as true_squares
    from (
        select
            *,
            unnest(['about', 'mention']) as measure,
            unnest([is_main, is_named]) as is_true
        from articles
        where theme_id is not null
    )
    group by theme_id, language, period, prediction, measure
),

grid as (
    select
        themes.theme_id,
        totals.language,
        totals.period,
        measures.measure,
        predictions.prediction,
        totals.coded_count as total_count,
        totals.coded_weight as total_weight,
        totals.coded_squares as total_squares
    from totals
    cross join {{ ref('stg_themes') }} as themes
    cross join (select unnest(['about', 'mention']) as measure) as measures
    cross join (select unnest(['about', 'mentioned', 'absent']) as prediction) as predictions
),

filled as (
    select
        grid.*,
        coalesce(counts.coded_count, 0) as coded_count,
        coalesce(counts.coded_weight, 0) as coded_weight,
        coalesce(counts.coded_squares, 0) as coded_squares,
        coalesce(counts.true_count, 0) as true_count,
        coalesce(counts.true_weight, 0) as true_weight,
        coalesce(counts.true_squares, 0) as true_squares
    from grid
    left join counts using (theme_id, language, period, measure, prediction)
)

select
    theme_id,
    language,
    period,
    measure,
    prediction,
    prediction = 'about' or (measure = 'mention' and prediction = 'mentioned') as is_hit,
    -- The absent articles are all coded articles without those in which the list found the theme.
    if(
        prediction = 'absent',
        total_count - sum(coded_count) filter (where prediction != 'absent') over others,
        coded_count
    ) as coded_count,
    if(
        prediction = 'absent',
        total_weight - sum(coded_weight) filter (where prediction != 'absent') over others,
        coded_weight
    ) as coded_weight,
    if(
        prediction = 'absent',
        total_squares - sum(coded_squares) filter (where prediction != 'absent') over others,
        coded_squares
    ) as coded_squares,
    true_count,
    true_weight,
    true_squares
from filled
window others as (partition by theme_id, language, period, measure)
