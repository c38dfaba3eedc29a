-- One row per article whose sequences must be found again: it is new or gone, or its text or the evidence words changed. What was
-- published before the year that candidates are held against is left alone; what was found there once is kept.
{{ config(materialized='table', database='memory') }}

with candidate_keys as (
    select * from {{ ref('int_candidate_keys') }}
),

built as (
    select * from ({{ last_run('int_candidates_built', {'article_id': 'uuid', 'sequences_key': 'ubigint'}) }})
    where {{ in_scope_of('int_articles_to_link') }}
),

final as (
    select coalesce(candidate_keys.article_id, built.article_id) as article_id
    from candidate_keys
    full join built on candidate_keys.article_id = built.article_id
    where
        candidate_keys.sequences_key is distinct from built.sequences_key
        and (built.article_id is not null or candidate_keys.published_on > {{ candidates_from() }} - 365)
)

select article_id from final
