-- One row per article whose statements must be found again: it is new or gone, or what they are made of changed.
{{ config(materialized='table', database='memory') }}

with statement_keys as (
    select * from {{ ref('int_statement_keys') }}
),

built as (
    select * from ({{ last_run('int_statements_built', {'article_id': 'uuid', 'statement_key': 'ubigint'}) }})
    where {{ in_scope_of('int_articles_to_tag') }}
),

final as (
    select coalesce(statement_keys.article_id, built.article_id) as article_id
    from statement_keys
    full join built on statement_keys.article_id = built.article_id
    where statement_keys.statement_key is distinct from built.statement_key
)

select article_id from final
