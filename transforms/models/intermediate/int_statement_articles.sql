-- One row per article whose statements must be computed again: the article is new or deleted, or one of their inputs changed.
{{ config(materialized='table', database='memory') }}

with statement_keys as (
    select * from {{ ref('int_statement_keys') }}
),

last_built as (
    select * from ({{ last_run('int_statements_built', {'article_id': 'uuid', 'statement_key': 'ubigint'}) }})
    where {{ in_scope_of('int_articles_to_tag') }}
)

select coalesce(statement_keys.article_id, last_built.article_id) as article_id
from statement_keys
full join last_built on statement_keys.article_id = last_built.article_id
where statement_keys.statement_key is distinct from last_built.statement_key
