-- One row per article of at least 30 words and mark: hashes that two texts with a common passage of 30 words share.
{{ config(
    unique_key=['article_id', 'mark'],
    scope='int_articles_to_link',
    scope_on='article_id',
    order_by='seen_on, article_id, mark'
) }}

with articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and {{ bounds(source('core', 'articles'), 'first_seen_at', ref('int_articles_to_link')) }}
)

select
    articles.article_id,
    coalesce(articles.published_on, articles.first_seen_at::date) as seen_on,
    unnest(mark_passages(articles.body_text)) as mark
from articles
semi join {{ ref('int_articles_to_link') }} as to_link on articles.article_id = to_link.article_id
