-- One row per publisher and day: the stored articles, the covered share of the day, and whether
-- polls failed in the time that is not covered.
--
-- Days run from the first covered day to the run time, including empty days. Earlier days appear
-- only if they have articles. If all sources of an outlet are disabled (is_enabled), its days end
-- with the last successful poll, so no gap follows. A publisher without sources and imported pages
-- has no rows, because articles that other sources listed do not show how much it published.
{{ config(
    unique_key=['publisher_id', 'published_on'],
    meta={'order_by': 'published_on, publisher_id'}
) }}

with counts as (
    select
        articles.publisher_id,
        articles.published_on,
        count(*) filter (where articles.excluded_reason is null) as article_count,
        count(distinct stories.story_id) as story_count,
        count(*) filter (where articles.excluded_reason is not null) as excluded_count,
        bool_or(captures.feed_id is null) as has_imported
    from {{ source('core', 'articles') }} as articles
    left join {{ source('raw', 'captures') }} as captures
        on articles.capture_id = captures.capture_id
    left join {{ source('annotations', 'stories') }} as stories
        on articles.article_id = stories.article_id
    where articles.published_on is not null
    group by articles.publisher_id, articles.published_on
),

-- The intervals of all sources of a publisher are merged, because an item that one source showed is
-- not missing.
cover_events as (
    select publisher_id, starts_at as instant, 1 as cover from {{ ref('int_source_times') }}
    union all
    select publisher_id, ends_at as instant, -1 as cover from {{ ref('int_source_times') }}
),

instants as (
    select
        publisher_id,
        instant,
        sum(cover) as cover
    from cover_events
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
),

covered_times as (
    select
        publisher_id,
        starts_at,
        ends_at
    from edges
    where is_start
),

-- The intervals without coverage, including the open interval after the last covered one.
uncovered_times as (
    select
        publisher_id,
        ends_at as starts_at,
        coalesce(
            lead(starts_at) over (partition by publisher_id order by starts_at),
            'infinity'::timestamptz
        ) as ends_at
    from covered_times
    union all
    select
        publisher_id,
        '-infinity'::timestamptz as starts_at,
        min(starts_at) as ends_at
    from covered_times
    group by publisher_id
),

polls as (
    select * from {{ ref('stg_polls') }}
),

-- Where polls failed, from a day before the first failure on.
down_times as (
    select
        uncovered_times.publisher_id,
        greatest(uncovered_times.starts_at, min(polls.fetched_at) - interval 1 day) as starts_at,
        uncovered_times.ends_at
    from uncovered_times
    inner join polls
        on
            uncovered_times.publisher_id = polls.publisher_id
            and polls.fetched_at >= uncovered_times.starts_at
            and polls.fetched_at < uncovered_times.ends_at
    where not polls.is_success
    group by uncovered_times.publisher_id, uncovered_times.starts_at, uncovered_times.ends_at
),


poll_ends as (
    select
        polls.publisher_id,
        max(coalesce(polls.covers_until, polls.fetched_at)) filter (where polls.is_success)
            as last_success_at,
        bool_or(coalesce(feeds.is_enabled, true)) as is_polled
    from polls
    left join {{ source('raw', 'feeds') }} as feeds on polls.feed_id = feeds.feed_id
    group by polls.publisher_id
),

imported as (
    select distinct publisher_id from counts
    where has_imported
),

outlets as (
    select publisher_id from poll_ends
    union
    select publisher_id from imported
),

outlet_times as (
    select
        outlets.publisher_id,
        coalesce(publishers.time_zone, 'UTC') as time_zone,
        timezone(coalesce(publishers.time_zone, 'UTC'), {{ as_of() }})::date as today,
        timezone(
            coalesce(publishers.time_zone, 'UTC'),
            if(
                coalesce(poll_ends.is_polled, false),
                {{ as_of() }},
                coalesce(poll_ends.last_success_at, {{ as_of() }})
            )
        )::date as last_on,
        poll_ends.last_success_at
    from outlets
    left join {{ source('ref', 'publishers') }} as publishers
        on outlets.publisher_id = publishers.publisher_id
    left join poll_ends on outlets.publisher_id = poll_ends.publisher_id
    where outlets.publisher_id is not null
),

covered as (
    {{ seconds_by_day('covered_times', 'outlet_times', 'publisher_id') }}
),

first_days as (
    select
        publisher_id,
        min(published_on) as first_on
    from (
        select publisher_id, published_on from covered
        union all
        select publisher_id, published_on from counts
        where has_imported
    )
    group by publisher_id
),

days as (
    {{ days_by_key('first_days', 'outlet_times', 'counts', 'publisher_id') }}
),

measured_days as (
    select
        days.publisher_id,
        days.published_on,
        {{ day_start('days.published_on', 'outlet_times.time_zone') }} as starts_at,
        {{ day_start('days.published_on + 1', 'outlet_times.time_zone') }} as ends_at,
        coalesce(counts.article_count, 0) as article_count,
        coalesce(counts.story_count, 0) as story_count,
        coalesce(counts.excluded_count, 0) as excluded_count,
        coalesce(counts.has_imported, false) as is_imported,
        coalesce(covered.day_seconds, 0) as covered_seconds,
        coalesce(covered.is_to_end, false) as is_covered_to_end,
        outlet_times.last_success_at
    from days
    inner join outlet_times on days.publisher_id = outlet_times.publisher_id
    left join
        counts
        on days.publisher_id = counts.publisher_id and days.published_on = counts.published_on
    left join
        covered
        on days.publisher_id = covered.publisher_id and days.published_on = covered.published_on
),

shares as (
    select
        * exclude (covered_seconds, is_covered_to_end, last_success_at, is_imported),
        ends_at <= {{ as_of() }} as is_over,
        is_over and (is_covered_to_end or is_imported) as is_complete,
        case
            when is_imported then 1.0
            else {{ covered_share('covered_seconds', 'starts_at', 'ends_at', 'last_success_at') }}
        end as covered_share
    from measured_days
)

select
    * exclude (starts_at, ends_at),
    covered_share < 1 and exists (
        select 1 from down_times
        where
            shares.publisher_id = down_times.publisher_id
            and shares.starts_at < down_times.ends_at
            and shares.ends_at > down_times.starts_at
    ) as is_down
from shares
