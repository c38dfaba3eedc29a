-- One row per article to look at again that counts, with a fingerprint of what its sequences are made of: text, evidence words
-- and SQL.
{{ config(materialized='view', database='memory') }}

with articles as (
    select * from {{ ref('stg_articles') }}
    where
        excluded_reason is null
        and language is not null
        and {{ in_scope_of('int_articles_to_link') }}
        and {{ seen_bounds(ref('int_articles_to_link')) if last_run_snapshots() else 'true' }}
),

final as (
    select
        article_id,
        published_on,
        hash(text_key, getvariable('candidates_version'), getvariable('sql_in_int_candidate_articles')) as sequences_key
    from articles
)

select
    article_id,
    published_on,
    sequences_key
from final
