-- One row per article, source and URL that the source listed: the time of the first listing, and
-- whether the source belongs to the article's publisher.
{{ config(
    unique_key=['article_id', 'source_id', 'url'],
    scope='int_changed_items',
    scope_on='url',
    order_by='first_listed_at, article_id, source_id, url'
) }}

select
    items.article_id,
    items.source_id,
    items.publisher_id as source_publisher_id,
    items.publisher_id = articles.publisher_id as is_own,
    items.url,
    items.first_listed_at
from {{ ref('int_listed_items') }} as items
semi join {{ ref('int_changed_items') }} as changed_items on items.url = changed_items.url
inner join {{ ref('stg_articles') }} as articles on items.article_id = articles.article_id
