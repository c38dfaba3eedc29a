-- One row per occurrence of a phrase in an article. Excluded pages have no mentions, because a
-- round-up page repeats phrases from other articles.
-- depends_on: {{ ref('int_released_mentions') }}
{{ config(
    unique_key=['article_id', 'theme_id', 'field', 'start_offset'],
    scope='int_articles_to_tag',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, theme_id, field, start_offset',
    post_hook="update {{ this }} set lexicon_version = getvariable('lexicon_version')
        where lexicon_version != getvariable('lexicon_version')"
) }}

select
    mentions.article_id,
    mentions.theme_id,
    mentions.phrase_id,
    mentions.field,
    mentions.start_offset,
    mentions.end_offset,
    mentions.snippet,
    getvariable('lexicon_version')::varchar as lexicon_version,
    mentions.publisher_id,
    mentions.published_on,
    mentions.language
from {{ source('annotations', 'mentions') }} as mentions
semi join {{ ref('int_articles_to_tag') }} as to_tag on mentions.article_id = to_tag.article_id
where {{ bounds(source('annotations', 'mentions'), 'published_on', ref('int_articles_to_tag'), name='mentions.published_on') }}
