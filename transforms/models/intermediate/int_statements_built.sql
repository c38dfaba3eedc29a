-- One row per article as its statements were last found. Built after them: a run killed before leaves its articles to the next.
-- depends_on: {{ ref('statements') }}
{{ config(
    unique_key='article_id',
    scope='int_statement_articles',
    scope_on='article_id',
    order_by='article_id'
) }}

with statement_keys as (
    select * from {{ ref('int_statement_keys') }}
),

wanted as (
    select * from {{ ref('int_statement_articles') }}
),

final as (
    select
        statement_keys.article_id,
        statement_keys.statement_key
    from statement_keys
    semi join wanted on statement_keys.article_id = wanted.article_id
)

select
    article_id,
    statement_key
from final
