-- One row per occurrence of a phrase in an article.
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

-- Excluded pages have no mentions, because a round-up page repeats phrases from other articles.
with hits as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        articles.language,
        unnest(
            theme_hits(articles.title, articles.body_text, articles.language, articles.published_on)
        ) as hit
    from {{ source('core', 'articles') }} as articles
    semi join {{ ref('int_articles_to_tag') }} as to_tag on articles.article_id = to_tag.article_id
    where
        articles.excluded_reason is null
        and {{ seen_bounds(ref('int_articles_to_tag'), name='articles.first_seen_at') }}
)

select
    article_id,
    hit.theme_id as theme_id,
    hit.phrase_id as phrase_id,
    hit.field as field,
    hit.start_offset as start_offset,
    hit.end_offset as end_offset,
    {{ snippet(
        'hit.context', 'least(hit.start_offset, 81)', 'least(hit.start_offset, 81) + hit.end_offset - hit.start_offset'
    ) }} as snippet,
    getvariable('lexicon_version')::varchar as lexicon_version,
    publisher_id,
    published_on,
    language
from hits
