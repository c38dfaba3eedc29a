-- One row per counted article, with the story to which it belongs. A story has the ID of its first
-- article.
{{ config(unique_key='article_id', meta={'order_by': 'story_id, article_id'}) }}

select
    article_id,
    story_id
from {{ source('annotations', 'stories') }}
