-- One row per article, with the fingerprint from which its statements were last computed.
--
-- This model runs after the statements. After an interrupted run, the next run therefore processes the same articles again.
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

to_process as (
    select * from {{ ref('int_statement_articles') }}
)

select
    statement_keys.article_id,
    statement_keys.statement_key
from statement_keys
semi join to_process on statement_keys.article_id = to_process.article_id
