-- One row per counted article, with the story to which it belongs. A story has the ID of its first
-- article, and a text that of the version that counts in themes.
{{ config(unique_key='article_id', meta={'order_by': 'story_id, article_id'}) }}

select
    article_id,
    story_id,
    text_id,
    count(*) over (partition by text_id) as version_count
from {{ source('annotations', 'stories') }}
