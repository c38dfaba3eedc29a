{{ config(
    unique_key=['article_id', 'theme_id', 'field', 'start_offset'],
    meta={'changed': 'published_on'},
    post_hook="update {{ this }} set lexicon_version = '{{ var('lexicon_version') }}'
        where lexicon_version != '{{ var('lexicon_version') }}'"
) }}

select
    article_id, theme_id, phrase_id, field, start_offset, end_offset, snippet,
    '{{ var('lexicon_version') }}' as lexicon_version,
    publisher_id, published_on, language
from {{ source('annotations', 'mentions') }}
where {{ is_changed('published_on') }}
