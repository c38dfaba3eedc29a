-- One row per month whose words are counted again: it is over, and one of its articles changed or
-- it ended since the last build.
{{ config(materialized='table', database='memory') }}

with months as (
    select month_start_on from {{ ref('int_event_days') }}
    union
    select date_trunc('month', event_day_on)::date as month_start_on from {{ source('annotations', 'terms') }}
    where {{ 'true' if is_whole('int_event_months') else 'false' }}
    union
    select unnest(generate_series(
        date_trunc('month', greatest({{ last_as_of() }}, {{ as_of() }} - interval 12 month))::date,
        date_trunc('month', {{ as_of() }})::date,
        interval 1 month
    ))::date as month_start_on
)

select month_start_on from months
where month_start_on + interval 1 month <= {{ as_of() }}
