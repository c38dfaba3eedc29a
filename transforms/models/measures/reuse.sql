-- A passage has at least 30 words and 50 characters; a Chinese or Japanese character counts as a
-- word. Marks (annotations.passages) in more than 50 articles of the days are formulas and name
-- lists, so they select no pair.
{{ config(unique_key=['source_article_id', 'article_id', 'start_offset']) }}

select
    source_article_id, source_publisher_id, article_id, publisher_id, published_on, delay_hours,
    start_offset, end_offset, source_start_offset, source_end_offset, word_count
from {{ source('annotations', 'reuse') }}
