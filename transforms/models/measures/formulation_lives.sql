{{ config(unique_key='theme_id') }}

with phrases as (
    select phrase_id, theme_id
    from {{ source('ref', 'theme_phrases') }}
    inner join {{ ref('stg_themes') }} as themes using (theme_id)
    where kind = 'formulation' and salience is null
),

first_articles as (
    select
        theme_id, publisher_id, published_on,
        min(first_used_at) as first_used_at,
        arg_min(first_article_id, row(first_used_at, first_article_id))
            as first_article_id
    from {{ ref('int_phrase_outlet_days') }} as days
    inner join phrases using (phrase_id)
    group by all
),

article_counts as (
    select
        theme_id, publisher_id, published_on,
        count(*) as article_count
    from {{ ref('article_themes') }}
    semi join {{ ref('outlet_daily') }} using (publisher_id, published_on)
    group by all
),

formulation_days as (
    select
        theme_id as phrase_id,
        publisher_id, published_on, article_count, first_used_at, first_article_id
    from first_articles
    inner join article_counts using (theme_id, publisher_id, published_on)
),

adoptions as (
    from first_uses('formulation_days', '{{ ref('outlet_daily') }}')
)

select
    phrase_id as theme_id,
    * exclude (phrase_id)
from life_rows('formulation_days', 'adoptions')
