-- One row per article, without its text.
select
    article_id,
    publisher_id,
    title,
    language,
    published_on,
    published_at,
    first_seen_at,
    excluded_reason,
    capture_id,
    extraction_confidence,
    extraction_doubt,
    -- All columns that the models read. content_hash covers the text.
    hash(
        content_hash,
        language,
        published_on,
        published_at,
        publisher_id,
        excluded_reason,
        translation_key,
        extraction_confidence, extraction_doubt
    ) as source_key
from {{ source('core', 'articles') }}
