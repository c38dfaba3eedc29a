-- One row per publisher and continuous interval that its sources cover completely.
--
-- The intervals of all sources of a publisher are merged, because an item that one source showed is
-- not missing.
{{ config(unique_key=['publisher_id', 'starts_at']) }}

with events as (
    select publisher_id, starts_at as instant, 1 as cover from {{ ref('int_source_times') }}
    union all
    select publisher_id, ends_at as instant, -1 as cover from {{ ref('int_source_times') }}
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

-- An interval starts where the number of open source intervals rises above zero, and ends where it
-- returns to zero.
open_counts as (
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
    from open_counts
    where open_count = 0 or open_count = cover
)

select
    publisher_id,
    starts_at,
    ends_at
from edges
where is_start
