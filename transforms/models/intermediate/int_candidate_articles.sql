-- One row per article whose word sequences must be computed again: the article is new or deleted, or its text or the evidence
-- words changed. Articles from before the comparison year are not processed, and their stored sequences stay.
{{ config(materialized='table', database='memory') }}

with candidate_keys as (
    select * from {{ ref('int_candidate_keys') }}
),

last_built as (
    select * from ({{ last_run('int_candidates_built', {'article_id': 'uuid', 'sequences_key': 'ubigint'}) }})
    where {{ in_scope_of('int_articles_to_link') }}
)

select coalesce(candidate_keys.article_id, last_built.article_id) as article_id
from candidate_keys
full join last_built on candidate_keys.article_id = last_built.article_id
where
    candidate_keys.sequences_key is distinct from last_built.sequences_key
    and (last_built.article_id is not null or candidate_keys.published_on > {{ candidates_from() }} - 365)
