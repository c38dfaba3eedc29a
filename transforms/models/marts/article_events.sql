-- One row per counted article with a date that has begun: its event, named by its first article.
{{ config(unique_key='article_id', meta={'order_by': 'event_day_on, event_id'}) }}

select article_id, event_id, similarity, event_day_on
from {{ source('annotations', 'article_events') }}
