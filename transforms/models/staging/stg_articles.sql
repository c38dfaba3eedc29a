-- One row per article, without its text.
with articles as (
    select * from {{ source('core', 'articles') }}
)

select
    article_id,
    publisher_id,
    title,
    language,
    published_on,
    published_at,
    first_seen_at,
    content_hash,
    excluded_reason,
    translation_key,
    capture_id,
    -- All inputs of matching that can change. content_hash covers the text.
    hash(
        content_hash, language, published_on, published_at, publisher_id, excluded_reason, translation_key,
        getvariable('matching_version')
    ) as text_key,
    hash(
        text_key,
        getvariable('sql_in_int_articles_to_tag'),
        getvariable('sql_in_int_articles_to_link'),
        getvariable('sql_in_int_articles_to_cluster'),
        getvariable('sql_in_int_stories_to_build')
    ) as source_key
from articles
