-- One row per article, sequence of words that policy language points at, and kind of evidence.
{{ config(
    unique_key=['article_id', 'key', 'evidence'],
    scope='int_candidate_articles',
    scope_on='article_id',
    order_by='published_on, article_id, key, evidence'
) }}

with articles as (
    select * from {{ source('core', 'articles') }}
    where excluded_reason is null and published_on is not null
),

wanted as (
    select * from {{ ref('int_candidate_articles') }}
),

found as (
    select
        articles.article_id,
        articles.published_on,
        lower(regexp_extract(articles.language, '^[^-_]+')) as language,
        unnest(policy_sequences(
            articles.title || chr(10) || articles.body_text,
            lower(regexp_extract(articles.language, '^[^-_]+'))
        )) as sequence
    from articles
    semi join wanted on articles.article_id = wanted.article_id
),

final as (
    select
        article_id,
        published_on,
        language,
        sequence.key as key,
        sequence.phrase as phrase,
        sequence.evidence as evidence
    from found
)

select
    article_id,
    published_on,
    language,
    key,
    phrase,
    evidence
from final
