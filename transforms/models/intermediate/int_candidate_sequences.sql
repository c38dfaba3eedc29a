-- One row per article and word sequence for which policy language gives evidence. Articles from before the comparison year are
-- not processed; sequences that were stored before stay until their article changes.
{{ config(
    unique_key=['article_id', 'key'],
    scope='int_candidate_articles',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, key'
) }}

with articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and language is not null
        and published_on > {{ candidates_earliest() }}
        and {{ bounds(source('core', 'articles'), 'first_seen_at', ref('int_candidate_articles')) }}
)

select
    articles.article_id,
    articles.published_on,
    {{ primary_language('articles.language') }} as language,
    unnest(policy_sequences(  -- noqa: AL03
        articles.title || chr(10) || articles.body_text,
        {{ primary_language('articles.language') }}
    ), max_depth := 2)
from articles
semi join {{ ref('int_candidate_articles') }} as to_process on articles.article_id = to_process.article_id
