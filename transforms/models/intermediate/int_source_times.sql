-- One row per source and unbroken stretch of time in which all that it showed was seen.
--
-- A poll at T covers from the poll before, which saw all up to then, and from the oldest item that it shows, if that is older.
-- A listing of one day covers that day (covers_until). Stretches told of in raw.feed_gaps are taken out.
{{ config(materialized='table', database='memory') }}

with polls as (
    select * from {{ ref('stg_polls') }}
    where is_success and publisher_id is not null
),

feed_gaps as (
    select * from {{ source('raw', 'feed_gaps') }}
),

timed as (
    select
        publisher_id,
        feed_id,
        coalesce(covers_until, fetched_at) as ends_at,
        lag(fetched_at) over (partition by publisher_id, feed_id, covers_until is null order by fetched_at) as previous_at,
        outcome,
        covers_from,
        covers_until
    from polls
),

told as (
    select
        publisher_id,
        feed_id,
        -- What a poll shares with the one before joins them; where it shares nothing, raw.feed_gaps has the stretch between.
        if(covers_until is not null, covers_from, least(if(outcome = 'ok', covers_from, null), previous_at)) as starts_at,
        ends_at
    from timed
),

-- A sweep over the ends of all stretches: covered where a cover is open and no gap is.
feed_events as (
    select publisher_id, feed_id, starts_at as instant, 1 as cover, 0 as gap from told
    where starts_at < ends_at
    union all
    select publisher_id, feed_id, ends_at as instant, -1 as cover, 0 as gap from told
    where starts_at < ends_at
    union all
    select told.publisher_id, told.feed_id, feed_gaps.starts_at as instant, 0 as cover, 1 as gap
    from feed_gaps
    inner join (select distinct publisher_id, feed_id from told) as told on feed_gaps.feed_id = told.feed_id
    where feed_gaps.starts_at < feed_gaps.ends_at
    union all
    select told.publisher_id, told.feed_id, feed_gaps.ends_at as instant, 0 as cover, -1 as gap
    from feed_gaps
    inner join (select distinct publisher_id, feed_id from told) as told on feed_gaps.feed_id = told.feed_id
    where feed_gaps.starts_at < feed_gaps.ends_at
),

feed_instants as (
    select
        publisher_id,
        feed_id,
        instant,
        sum(cover) as cover,
        sum(gap) as gap
    from feed_events
    group by publisher_id, feed_id, instant
),

feed_stretches as (
    select
        publisher_id,
        feed_id,
        instant as starts_at,
        lead(instant) over feed as ends_at,
        sum(cover) over feed > 0 and sum(gap) over feed = 0 as is_covered
    from feed_instants
    window feed as (partition by publisher_id, feed_id order by instant)
),

final as (
    select
        publisher_id,
        feed_id,
        starts_at,
        ends_at
    from feed_stretches
    where is_covered and ends_at is not null
)

select
    publisher_id,
    feed_id,
    starts_at,
    ends_at
from final
