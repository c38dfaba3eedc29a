-- One row per article as its sequences were last found. Built after them: a run killed before leaves its articles to the next.
-- depends_on: {{ ref('int_candidate_sequences') }}
{{ config(
    unique_key='article_id',
    scope='int_candidate_articles',
    scope_on='article_id',
    order_by='article_id'
) }}

with candidate_keys as (
    select * from {{ ref('int_candidate_keys') }}
),

wanted as (
    select * from {{ ref('int_candidate_articles') }}
),

final as (
    select
        candidate_keys.article_id,
        candidate_keys.sequences_key
    from candidate_keys
    semi join wanted on candidate_keys.article_id = wanted.article_id
)

select
    article_id,
    sequences_key
from final
