-- One row per article: whether it counts, whether it was imported, and its own themes without their
-- parents.
--
-- source_key and mentions_key make a changed text or mention a change of this row, and so of the
-- article's day.
{{ config(
    unique_key='article_id',
    scope='int_articles_to_tag',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id'
) }}

with articles as (
    select * from {{ ref('stg_articles') }}
    where {{ seen_bounds(ref('int_articles_to_tag')) }}
),

article_mentions as (
    select
        mentions.article_id,
        list_sort(list(distinct mentions.theme_id)) as theme_ids,
        bit_xor(hash(mentions.phrase_id, mentions.theme_id, mentions.field, mentions.start_offset)) as mentions_key
    from {{ ref('theme_mentions') }} as mentions
    semi join {{ ref('int_articles_to_tag') }} as to_tag on mentions.article_id = to_tag.article_id
    where {{ bounds(ref('theme_mentions'), 'published_on', ref('int_articles_to_tag'), name='mentions.published_on') }}
    group by mentions.article_id
)

select
    articles.article_id,
    articles.publisher_id,
    articles.published_on,
    articles.excluded_reason is null as is_counted,
    captures.feed_id is null as is_imported,
    articles.source_key,
    coalesce(article_mentions.theme_ids, []) as theme_ids,
    article_mentions.mentions_key
from articles
semi join {{ ref('int_articles_to_tag') }} as to_tag on articles.article_id = to_tag.article_id
left join {{ source('raw', 'captures') }} as captures on articles.capture_id = captures.capture_id
left join article_mentions on articles.article_id = article_mentions.article_id
