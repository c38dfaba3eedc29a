-- One row per day whose groups are assigned to events again: the days from the first changed day
-- on.
{{ config(materialized='table', database='memory') }}

with event_groups as (
    select distinct event_day_on from {{ ref('int_event_groups') }}
),

changed as (
    select event_day_on from event_groups
    where {{ 'true' if is_whole('int_event_days_to_track') else 'false' }}
    union
    {{ changes_of(ref('int_event_groups'), 'event_day_on') }}
),

bounds as (
    select
        min(event_day_on) as first_on,
        max(event_day_on) as last_on
    from changed
)

select
    days.event_day_on,
    bounds.first_on,
    bounds.last_on
from (
    select * from changed
    union
    select * from event_groups
) as days
inner join bounds on days.event_day_on >= bounds.first_on
