-- One row per theme, language, period, measure and prediction of the word list: the coded articles,
-- and those for which the theme is true. Language and period may be "all".
{{ config(unique_key=['theme_id', 'language', 'period', 'measure', 'prediction']) }}

-- If several people coded an article, the most recent coding counts.
with codings as (
    select * from {{ source('ref', 'codings') }}
    qualify coder = first_value(coder) over (
        partition by text_hash
        order by coalesce(coded_at, '-infinity'::timestamptz) desc, coder desc
    )
),

themes as (
    select * from {{ ref('stg_themes') }}
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
    group by all
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
        inner join themes on codings.theme_id = themes.theme_id
    )
    group by all
),

stored as (
    select coded.* from coded
    inner join {{ source('core', 'articles') }} as articles
        on coded.article_id = articles.article_id
    where articles.excluded_reason is null
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
    group by all
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
    group by all
),

filled as (
    select
        themes.theme_id,
        totals.language,
        totals.period,
        measures.measure,
        {%- for name in ['count', 'weight', 'squares'] %}
            totals.coded_{{ name }} as total_{{ name }},
            coalesce(counts.coded_{{ name }}, 0) as found_{{ name }},
            coalesce(counts.true_{{ name }}, 0) as true_{{ name }},
        {%- endfor %}
        predictions.prediction
    from totals
    cross join themes
    cross join (select unnest(['about', 'mention']) as measure) as measures
    cross join (select unnest(['about', 'mentioned', 'absent']) as prediction) as predictions
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
    {%- for name in ['count', 'weight', 'squares'] %}
        if(
            prediction = 'absent',
            total_{{ name }}
            - sum(found_{{ name }}) filter (where prediction != 'absent') over others,
            found_{{ name }}
        ) as coded_{{ name }},
    {%- endfor %}
    true_count,
    true_weight,
    true_squares
from filled
window others as (partition by theme_id, language, period, measure)
