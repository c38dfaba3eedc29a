-- One row per phrase as the mentions were last found with it. Built after them: what differs from it next time is what changed.
-- depends_on: {{ ref('int_article_days') }}
-- depends_on: {{ ref('int_statements_built') }}
{{ config(unique_key='phrase_id') }}

with phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
),

final as (
    select {{ phrase_columns() }}
    from phrases
)

select {{ phrase_columns() }} from final
