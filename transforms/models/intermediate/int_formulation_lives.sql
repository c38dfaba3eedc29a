-- One row per formulation that was ever used: first use, peak, fading and spread over outlets. All
-- variants and translations of a formulation are phrases of its theme, so they have one life.
-- formulation_lives adds the tier, which depends on the first use.
{{ config(unique_key='theme_id') }}

with phrases as (
    select
        theme_phrases.phrase_id,
        theme_phrases.theme_id
    from {{ source('ref', 'theme_phrases') }} as theme_phrases
    inner join {{ ref('stg_themes') }} as themes on theme_phrases.theme_id = themes.theme_id
    where themes.kind = 'formulation' and theme_phrases.salience is null
),

first_articles as (
    select
        phrases.theme_id,
        phrase_days.publisher_id,
        phrase_days.published_on,
        min(phrase_days.first_used_at) as first_used_at,
        arg_min(
            phrase_days.first_article_id,
            row(phrase_days.first_used_at, phrase_days.first_article_id)
        ) as first_article_id
    from {{ ref('int_phrase_outlet_days') }} as phrase_days
    inner join phrases on phrase_days.phrase_id = phrases.phrase_id
    group by phrases.theme_id, phrase_days.publisher_id, phrase_days.published_on
),

formulation_days as (
    select
        first_articles.theme_id as phrase_id,
        first_articles.publisher_id,
        first_articles.published_on,
        theme_outlet_daily.article_count,
        first_articles.first_used_at,
        first_articles.first_article_id
    from first_articles
    inner join
        {{ ref('theme_outlet_daily') }} as theme_outlet_daily
        using (theme_id, publisher_id, published_on)
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

adoptions as (
    {{ adoption_rows('formulation_days', 'outlet_daily') | indent(4) }}
),

formulation_lives as (
    {{ life_rows('formulation_days', 'adoptions') | indent(4) }}
)

select
    phrase_id as theme_id,
    * exclude (phrase_id)
from formulation_lives
