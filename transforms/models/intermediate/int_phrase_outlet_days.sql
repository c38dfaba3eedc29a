-- One row per phrase, outlet and day on which a counted article uses the phrase.
{{ config(
    unique_key=['phrase_id', 'publisher_id', 'published_on'],
    scope='int_changed_days',
    scope_on='published_on',
    order_by='published_on, phrase_id, publisher_id'
) }}

with mentions as (
    select * from {{ ref('theme_mentions') }}
),

changed_days as (
    select * from {{ ref('int_changed_days') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
)

select
    mentions.phrase_id,
    mentions.publisher_id,
    mentions.published_on,
    count(distinct mentions.article_id) as article_count,
    count(*) as mention_count,
    min(coalesce(articles.published_at, articles.first_seen_at)) as first_used_at,
    arg_min(
        mentions.article_id,
        row(coalesce(articles.published_at, articles.first_seen_at), mentions.article_id)
    ) as first_article_id
from mentions
semi join changed_days on mentions.published_on = changed_days.published_on
semi join outlet_daily
    on mentions.publisher_id = outlet_daily.publisher_id and mentions.published_on = outlet_daily.published_on
inner join articles on mentions.article_id = articles.article_id
group by mentions.phrase_id, mentions.publisher_id, mentions.published_on
