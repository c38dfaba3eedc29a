-- One row with the snapshots at which the last completed run began and ended. Built after all models that read later changes.
-- depends_on: {{ ref('coverage') }}
-- depends_on: {{ ref('int_built_days') }}
-- depends_on: {{ ref('int_tagged_phrases') }}
-- depends_on: {{ ref('int_candidates_built') }}
{{ config(unique_key=['began_at', 'ended_at', 'rules_version']) }}

{% set built = last_run_snapshots() %}

with changed as (
    select url from {{ ref('int_changed_items') }}
    union all
    select article_id::varchar as url from {{ ref('int_changed_articles') }}
),

started as (
    select * from {{ ref('int_run_start') }}
),

-- If nothing changed, keep the old snapshots, so that a repeated run changes no table.
news as (
    select {{ 'false' if built else 'true' }} or exists (select 1 from changed) as is_new
)

select
    if(news.is_new, started.snapshot_id, {{ built[0] if built else 'null' }}) as began_at,
    if(news.is_new, newest.snapshot_id, {{ built[2] if built else 'null' }}) as ended_at,
    {{ rules_version() }} as rules_version
from started
cross join news
cross join (select max(snapshot_id) as snapshot_id from lake.snapshots()) as newest
