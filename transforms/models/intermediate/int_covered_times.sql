-- One row per publisher and unbroken stretch of time in which all that it published was seen.
--
-- The stretches of a publisher's sources are put together: what one of them showed is not missing.
{{ config(unique_key=['publisher_id', 'starts_at']) }}

with source_times as (
    select * from {{ ref('int_source_times') }}
),

events as (
    select publisher_id, starts_at as instant, 1 as cover from source_times
    union all
    select publisher_id, ends_at as instant, -1 as cover from source_times
),

instants as (
    select
        publisher_id,
        instant,
        sum(cover) as cover
    from events
    group by publisher_id, instant
    having sum(cover) != 0
),

-- Where the number of open covers leaves zero a stretch begins; where it comes back the stretch ends.
opened as (
    select
        publisher_id,
        instant,
        sum(cover) over (partition by publisher_id order by instant) as open_count,
        cover
    from instants
),

edges as (
    select
        publisher_id,
        instant as starts_at,
        lead(instant) over (partition by publisher_id order by instant) as ends_at,
        open_count > 0 as is_start
    from opened
    where open_count = 0 or open_count = cover
),

final as (
    select
        publisher_id,
        starts_at,
        ends_at
    from edges
    where is_start
)

select
    publisher_id,
    starts_at,
    ends_at
from final
