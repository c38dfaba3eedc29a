-- One row per day whose articles are grouped by event again: one of its articles changed.
{{ config(materialized='table', database='memory') }}

with event_terms as (
    select * from {{ ref('int_event_terms') }}
    where {{ 'true' if is_whole('int_event_days') else 'false' }}
),

changed as (
    {{ changes_of(ref('int_event_terms'), 'event_day_on') }}
    union
    select event_day_on from event_terms
)

select
    event_day_on,
    date_trunc('month', event_day_on)::date as month_start_on
from changed
