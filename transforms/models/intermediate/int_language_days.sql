-- One row per primary language and day: the number of articles in which a phrase of this language
-- can occur.
{{ config(
    unique_key=['language', 'published_on'],
    scope='int_changed_days',
    scope_on='published_on',
    order_by='published_on, language'
) }}

with articles as (
    select * from {{ ref('stg_articles') }}
    where excluded_reason is null and published_on is not null
)

select
    coalesce({{ primary_language('articles.language') }}, 'unknown') as language,
    articles.published_on,
    count(*) as article_count
from articles
semi join {{ ref('int_changed_days') }} as changed_days on articles.published_on = changed_days.published_on
semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
group by all
