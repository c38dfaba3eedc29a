-- One row per publisher and day: the stored articles and the covered share of the day.
--
-- Days run from the first covered day to the run time, including empty days. Earlier days appear
-- only if they have articles. If all sources of an outlet are disabled (is_enabled), its days end
-- with the last successful poll, so no gap follows. A publisher without sources and imported pages
-- has no rows, because articles that other sources listed do not show how much it published.
{{ config(unique_key=['publisher_id', 'published_on'], order_by='published_on, publisher_id') }}

with counts as (
    select * from {{ ref('int_article_days') }}
),

covered_times as (
    select * from {{ ref('int_covered_times') }}
),

poll_ends as (
    select
        polls.publisher_id,
        max(coalesce(polls.covers_until, polls.fetched_at)) filter (where polls.is_success) as last_success_at,
        bool_or(coalesce(feeds.is_enabled, true)) as is_polled
    from {{ ref('stg_polls') }} as polls
    left join {{ source('raw', 'feeds') }} as feeds on polls.feed_id = feeds.feed_id
    group by polls.publisher_id
),

imported as (
    select distinct publisher_id from counts
    where has_imported
),

outlet_times as (
    select
        outlets.publisher_id,
        outlets.time_zone,
        timezone(outlets.time_zone, {{ as_of() }})::date as today,
        timezone(
            outlets.time_zone, if(poll_ends.is_polled, {{ as_of() }}, coalesce(poll_ends.last_success_at, {{ as_of() }}))
        )::date as last_on,
        poll_ends.last_success_at
    from {{ ref('stg_outlets') }} as outlets
    left join poll_ends on outlets.publisher_id = poll_ends.publisher_id
    left join imported on outlets.publisher_id = imported.publisher_id
    where poll_ends.publisher_id is not null or imported.publisher_id is not null
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
    left join counts on days.publisher_id = counts.publisher_id and days.published_on = counts.published_on
    left join covered on days.publisher_id = covered.publisher_id and days.published_on = covered.published_on
)

select
    publisher_id,
    published_on,
    starts_at,
    ends_at,
    article_count,
    story_count,
    excluded_count,
    ends_at <= {{ as_of() }} as is_over,
    is_over and (is_covered_to_end or is_imported) as is_complete,
    case
        when is_imported then 1.0
        else {{ covered_share('covered_seconds', 'starts_at', 'ends_at', 'last_success_at') }}
    end as covered_share
from measured_days
