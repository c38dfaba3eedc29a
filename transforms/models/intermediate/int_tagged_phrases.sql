-- One row per phrase, as it was when mentions were last computed.
--
-- This model runs after the mentions. In the next run, a phrase that differs from its row here has changed.
-- depends_on: {{ ref('int_article_days') }}
-- depends_on: {{ ref('int_statements_built') }}
{{ config(unique_key='phrase_id') }}

with phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
)

select {{ phrase_columns() }}
from phrases
