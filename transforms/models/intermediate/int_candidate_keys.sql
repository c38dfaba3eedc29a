-- One row per counted article to process in this run, with a fingerprint of its text, the evidence words and the SQL that
-- selects its sequences.
{{ config(materialized='view', database='memory') }}

with articles as (
    select * from {{ ref('stg_articles') }}
    where
        excluded_reason is null
        and language is not null
        and {{ in_scope_of('int_articles_to_link') }}
        and {{ seen_bounds(ref('int_articles_to_link')) if last_run_snapshots() else 'true' }}
)

select
    article_id,
    published_on,
    hash(text_key, getvariable('candidates_version'), getvariable('sql_in_int_candidate_articles')) as sequences_key
from articles
