-- One row per counted article: its story, named by its first article, its text, named by the
-- version that counts in themes, and its kind of text.
{{ config(unique_key='article_id', meta={'order_by': 'story_id'}) }}

select
    article_id, story_id, text_id,
    count(*) over (partition by text_id) as version_count,
    text_kind
from {{ source('annotations', 'stories') }}
left join {{ source('annotations', 'terms') }} using (article_id)
