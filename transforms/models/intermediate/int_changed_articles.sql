-- One row per article that was written or deleted since the last build: its first-seen times, and the days that it has or had.
--
-- If the changes are unknown, these are the articles that differ from int_article_themes, in which the last build stored a hash
-- of each article.
{{ config(materialized='table', database='memory') }}

with articles as (
    select * from {{ ref('stg_articles') }}
),

{% if knows_changes() %}
changed as (
    {{ changes_of(source('core', 'articles'), 'article_id, published_on, first_seen_at') }}
)
{% else %}
last_built as (
    {{ last_rows('int_article_themes', {'article_id': 'uuid', 'published_on': 'date', 'source_key': 'ubigint'}) }}
),

changed as (
    select
        coalesce(articles.article_id, last_built.article_id) as article_id,
        unnest([articles.published_on, last_built.published_on]) as published_on,
        articles.first_seen_at
    from articles
    full join last_built on articles.article_id = last_built.article_id
    where articles.source_key is distinct from last_built.source_key
)
{% endif %}

select
    article_id,
    min(first_seen_at) as seen_from,
    max(first_seen_at) as seen_until,
    list(distinct published_on) as days
from changed
group by article_id
