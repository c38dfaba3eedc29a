-- One row per source and day in its publisher's zone: what it listed of that day, what of that is held, and how much of the day
-- it told of at all.
--
-- Days run from the first one that the source told of to the night's now, silent ones too, or to the last good poll of a source
-- that is switched off (is_enabled). outlet_daily puts an outlet's sources together: a day that one of them lost is no gap where
-- another one told of it.
{{ config(unique_key=['source_id', 'published_on'], order_by='published_on, source_id') }}

with items as not materialized (
    select * from {{ ref('int_listed_items') }}
),

source_times as (
    select
        feed_id as source_id,
        starts_at,
        ends_at
    from {{ ref('int_source_times') }}
),

polls as (
    select * from {{ ref('stg_polls') }}
),

feeds as (
    select * from {{ source('raw', 'feeds') }}
),

outlets as (
    select * from {{ ref('stg_outlets') }}
),

sources as (
    select
        polls.feed_id as source_id,
        coalesce(any_value(feeds.publisher_id), any_value(polls.publisher_id)) as publisher_id,
        coalesce(any_value(feeds.kind), any_value(polls.kind)) as way,
        max(coalesce(polls.covers_until, polls.fetched_at)) filter (where polls.is_success) as last_success_at,
        bool_or(coalesce(feeds.is_enabled, true)) as is_polled
    from polls
    left join feeds on polls.feed_id = feeds.feed_id
    group by polls.feed_id
    union all
    select
        source_id,
        any_value(publisher_id) as publisher_id,
        way,
        null as last_success_at,
        true as is_polled
    from items
    where way = 'file'
    group by source_id, way
),

zoned as (
    select
        sources.*,
        outlets.time_zone,
        timezone(
            outlets.time_zone, if(sources.is_polled, {{ as_of() }}, coalesce(sources.last_success_at, {{ as_of() }}))
        )::date as last_on,
        timezone(outlets.time_zone, {{ as_of() }})::date as today
    from sources
    inner join outlets on sources.publisher_id = outlets.publisher_id
),

counts as (
    select
        source_id,
        published_on,
        count(*) as listed_count,
        count(*) filter (where is_obtained) as obtained_count,
        count(*) filter (where is_later_copy) as later_copy_count,
        count(*) filter (where is_undated) as undated_count,
        list_sort(list(distinct failure) filter (where failure is not null)) as failures
    from items
    group by source_id, published_on
),

told as (
    {{ seconds_by_day('source_times', 'zoned', 'source_id') }}
),

first_days as (
    select
        source_id,
        min(published_on) as first_on
    from told
    group by source_id
),

days as (
    select
        first_days.source_id,
        unnest(generate_series(first_days.first_on, zoned.last_on, interval 1 day))::date as published_on
    from first_days
    inner join zoned on first_days.source_id = zoned.source_id
    union
    select counts.source_id, counts.published_on
    from counts
    inner join zoned on counts.source_id = zoned.source_id
    where counts.published_on <= zoned.today
),

placed as (
    select
        days.source_id,
        days.published_on,
        zoned.publisher_id,
        zoned.way,
        zoned.last_success_at,
        {{ day_start('days.published_on', 'zoned.time_zone') }} as starts_at,
        {{ day_start('days.published_on + 1', 'zoned.time_zone') }} as ends_at
    from days
    inner join zoned on days.source_id = zoned.source_id
),

looks as (
    select
        feed_id,
        fetched_at
    from polls
    where is_success
),

seen as (
    select
        placed.*,
        looks.fetched_at as looked_at
    from placed
    asof left join looks on placed.source_id = looks.feed_id and placed.starts_at <= looks.fetched_at
),

measured as (
    select
        seen.source_id,
        seen.publisher_id,
        seen.way,
        seen.published_on,
        seen.ends_at,
        seen.looked_at,
        coalesce(counts.listed_count, 0) as listed_count,
        coalesce(counts.obtained_count, 0) as obtained_count,
        coalesce(counts.later_copy_count, 0) as later_copy_count,
        coalesce(counts.undated_count, 0) as undated_count,
        coalesce(counts.failures, []) as failures,
        -- A running day needs telling of up to the last good look only.
        epoch(if(seen.ends_at <= {{ as_of() }}, seen.ends_at, least(seen.ends_at, seen.last_success_at)) - seen.starts_at)
            as needed_seconds,
        coalesce(told.day_seconds, 0) as told_seconds
    from seen
    left join counts on seen.source_id = counts.source_id and seen.published_on = counts.published_on
    left join told on seen.source_id = told.source_id and seen.published_on = told.published_on
),

shared as (
    select
        *,
        case
            when way = 'file' then null  -- a file of pages says nothing of those that it lacks
            when coalesce(needed_seconds, 0) <= 0 then 0.0
            else least(told_seconds / needed_seconds, 1.0)
        end as listed_share
    from measured
),

final as (
    select
        source_id,
        publisher_id,
        way,
        published_on,
        listed_count,
        obtained_count,
        listed_count - obtained_count as missing_count,
        later_copy_count,
        undated_count,
        failures,
        listed_share,
        looked_at,
        case
            when listed_count > obtained_count then 'listed_unretrievable'
            when listed_count = 0 and coalesce(listed_share, 0) = 0 then 'no_listing'
            when later_copy_count > 0 then 'later_copy'
            -- Of a day on which nothing is listed it is the look itself that came late.
            when listed_count = 0 and looked_at > ends_at + interval 7 day then 'later_copy'
            else 'original_capture'
        end as status
    from shared
)

select
    source_id,
    publisher_id,
    way,
    published_on,
    listed_count,
    obtained_count,
    missing_count,
    later_copy_count,
    undated_count,
    failures,
    listed_share,
    looked_at,
    status
from final
