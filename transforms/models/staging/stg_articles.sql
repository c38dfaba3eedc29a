-- One row per article, without its text.
with articles as (
    select * from {{ source('core', 'articles') }}
),

final as (
    select
        article_id,
        publisher_id,
        language,
        published_on,
        published_at,
        first_seen_at,
        content_hash,
        excluded_reason,
        translation_key,
        capture_id,
        -- Whatever changes what matching finds; the text itself is in the hash.
        hash(
            content_hash, language, published_on, publisher_id, excluded_reason,
            '{{ var("matching_version", "0") }}'
        ) as source_key
    from articles
)

select * from final
