-- One row per article, with the fingerprint from which its sequences were last computed.
--
-- This model runs after the sequences. After an interrupted run, the next run therefore processes the same articles again.
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

to_process as (
    select * from {{ ref('int_candidate_articles') }}
)

select
    candidate_keys.article_id,
    candidate_keys.sequences_key
from candidate_keys
semi join to_process on candidate_keys.article_id = to_process.article_id
