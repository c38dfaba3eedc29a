-- One row: the snapshot at which the last run to come to its end began. Built after all that asks what changed since then.
-- depends_on: {{ ref('coverage') }}
{{ config(unique_key=['began_at', 'transforms_version']) }}

{% set built = built_snapshot() %}

with changed as (
    select * from {{ ref('int_changed_items') }}
),

started as (
    select * from {{ ref('int_run_start') }}
),

final as (
    select
        -- Without news the old one stays, so that a run twice leaves no trace.
        if(
            {{ 'false' if built else 'true' }} or exists (select 1 from changed),
            started.snapshot_id,
            {{ built[0] if built else 'null' }}
        ) as began_at,
        getvariable('transforms_version')::varchar as transforms_version
    from started
)

select
    began_at,
    transforms_version
from final
