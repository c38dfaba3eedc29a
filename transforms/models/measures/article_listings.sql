{{ config(unique_key=['article_id', 'source_id', 'url'], meta={'order_by': 'first_listed_at'}) }}

select
    article_id, source_id,
    items.publisher_id as source_publisher_id,
    items.publisher_id = articles.publisher_id as is_own,
    items.url, first_listed_at
from {{ ref('int_listed_items') }} as items
inner join {{ source('core', 'articles') }} as articles using (article_id)
