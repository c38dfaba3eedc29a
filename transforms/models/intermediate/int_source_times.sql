-- A poll covers the time since the previous poll. The first poll, and an older page, cover the time
-- since covers_from: the start of the unbroken run of dates that they show. A listing for one day
-- covers that day (covers_until). Intervals in raw.feed_gaps are removed.
{{ config(unique_key=['publisher_id', 'feed_id', 'starts_at']) }}

with polls as (
    {{ polls() }}
),

-- If a poll shares no item with the previous one, raw.feed_gaps contains the time between.
source_intervals as (
    select
        publisher_id, feed_id,
        lag(fetched_at) over (
            partition by publisher_id, feed_id, covers_until is null order by fetched_at
        ) as previous_at,
        if(
            covers_until is not null,
            covers_from,
            least(if(outcome = 'ok', covers_from, null), previous_at)
        ) as starts_at,
        coalesce(covers_until, fetched_at) as ends_at
    from polls
    where is_success and publisher_id is not null
),

intervals as (
    select publisher_id, feed_id, starts_at, ends_at, 1 as cover, 0 as gap from source_intervals
    where starts_at < ends_at
    union all
    select
        publisher_id, feed_id, starts_at, ends_at,
        0 as cover,
        1 as gap
    from {{ source('raw', 'feed_gaps') }}
    inner join (select distinct publisher_id, feed_id from source_intervals) using (feed_id)
    where starts_at < ends_at
),

feed_instants as (
    select
        publisher_id, feed_id, instant,
        sum(cover) as cover,
        sum(gap) as gap
    from (
        select
            publisher_id, feed_id,
            unnest([starts_at, ends_at]) as instant,
            unnest([cover, -cover]) as cover,
            unnest([gap, -gap]) as gap
        from intervals
    )
    group by all
),

-- A time is covered if at least one cover and no gap is open.
feed_intervals as (
    select
        publisher_id, feed_id,
        instant as starts_at,
        lead(instant) over feed as ends_at,
        sum(cover) over feed > 0 and sum(gap) over feed = 0 as is_covered
    from feed_instants
    window feed as (partition by publisher_id, feed_id order by instant)
)

select publisher_id, feed_id, starts_at, ends_at
from feed_intervals
where is_covered and ends_at is not null
