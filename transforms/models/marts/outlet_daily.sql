-- A publisher without sources and imported pages has no rows. docs/method.md states the rules of
-- gaps.
{{ config(unique_key=['publisher_id', 'published_on'], meta={'order_by': 'published_on'}) }}

with counts as (
    select
        articles.publisher_id as id,
        published_on,
        count(*) filter (excluded_reason is null) as article_count,
        count(*) filter (text_id = article_id) as text_count,
        count(distinct story_id) as story_count,
        count(*) filter (excluded_reason is not null) as excluded_count,
        count(*) filter ({{ is_unread('articles.excluded_reason') }}) as unread_count,
        bool_or(feed_id is null) as has_imported
    from {{ source('core', 'articles') }} as articles
    left join {{ source('raw', 'captures') }} as captures using (capture_id)
    left join {{ source('annotations', 'stories') }} using (article_id)
    where published_on is not null
    group by all
),

-- An item that one source of a publisher showed is not missing: overlapping intervals are one.
source_times as (
    select
        *,
        max(ends_at) over (
            partition by publisher_id order by starts_at, ends_at, feed_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ ref('int_source_times') }}
),

covered_times as (
    select publisher_id as id, min(starts_at) as starts_at, max(ends_at) as ends_at
    from (
        select
            *,
            count(*) filter (not coalesce(starts_at <= covered_until, false)) over (
                partition by publisher_id order by starts_at, ends_at, feed_id
            ) as number
        from source_times
    )
    group by publisher_id, number
),

polls as (
    {{ polls() }}
),

-- An item that several sources list counts once.
listed as (
    select
        publisher_id as id,
        published_on,
        count(distinct url) as listed_count,
        count(distinct url) filter (is_obtained) as obtained_count
    from {{ ref('int_listed_items') }}
    where way != 'file'
    group by all
),

-- Where polls failed between covered times, from a day before the first failure on.
down_times as (
    select
        publisher_id,
        min(greatest(earlier.ends_at, fetched_at - interval 1 day)) as starts_at,
        coalesce(later.starts_at, 'infinity'::timestamptz) as ends_at
    from polls
    asof left join covered_times as earlier
        on publisher_id = earlier.id and fetched_at >= earlier.starts_at
    asof left join covered_times as later
        on publisher_id = later.id and fetched_at < later.starts_at
    where
        not is_success
        and coalesce(fetched_at >= earlier.ends_at, true)
        and publisher_id in (select id from covered_times)
    group by all
),

poll_ends as (
    select
        publisher_id,
        max(coalesce(covers_until, fetched_at)) filter (is_success) as last_success_at,
        bool_or(is_enabled) as is_polled
    from polls
    group by publisher_id
),

outlet_times as (
    select publisher_id as id, time_zone, is_polled, last_success_at
    from poll_ends
    full join (
        select distinct id as publisher_id from counts
        where has_imported
    ) using (publisher_id)
    left join {{ source('ref', 'publishers') }} using (publisher_id)
    where publisher_id is not null
),

first_days as (
    select
        id,
        timezone(coalesce(time_zone, 'UTC'), min(fetched_at))::date as published_on
    from polls
    inner join outlet_times on publisher_id = id
    where is_success and covers_until is null
    group by id, time_zone
    union all
    select id, published_on from counts
    where has_imported
),

measured_days as (
    select
        id as publisher_id,
        published_on, starts_at, ends_at, is_covered_to_end,
        coalesce(columns(name -> ends_with(name, '_count')), 0),
        coalesce(has_imported, false) as is_imported,
        if(is_imported, 1.0, covered_share) as covered_share
    from days_by_id('covered_times', 'outlet_times', 'first_days', 'counts', {{ as_of() }})
    left join counts using (id, published_on)
    left join listed using (id, published_on)
),

outlet_days as (
    select
        *,
        ends_at <= {{ as_of() }} as is_over,
        is_over and (is_covered_to_end or is_imported) as is_complete,
        sum(listed_count) over near as near_listed,
        sum(obtained_count) over near as near_obtained,
        listed_count > obtained_count and (
            obtained_count = 0
            or (listed_count >= obtained_count + 2 and obtained_count < 0.8 * listed_count)
            or (near_listed >= near_obtained + 2 and near_obtained < 0.8 * near_listed)
        ) as is_partial,
        covered_share < 1 and exists (
            select 1 from down_times
            where
                days.publisher_id = down_times.publisher_id
                and days.starts_at < down_times.ends_at
                and days.ends_at > down_times.starts_at
        ) as is_down
    from measured_days as days
    window near as (
        partition by publisher_id order by published_on
        range between interval 3 day preceding and interval 3 day following
    )
),

numbered_days as (
    select
        publisher_id, published_on,
        isodow(published_on) as weekday,
        article_count + excluded_count as stored_count,
        stored_count = 0 as is_silent,
        row_number() over by_day - row_number() over by_kind as silence_id,
        row_number() over by_weekday as place
    from outlet_days
    where covered_share >= 1 and is_over
    window
        by_day as (partition by publisher_id order by published_on),
        by_kind as (partition by publisher_id, is_silent order by published_on),
        by_weekday as (partition by publisher_id, weekday order by published_on)
),

silent_weekdays as (
    select
        publisher_id, silence_id, weekday,
        count(*) as day_count,
        min(published_on) as starts_on,
        max(published_on) as ends_on,
        greatest(
            4, ceil(sum(count(*)) over (partition by publisher_id, silence_id) / 7)
        )::bigint as week_count,
        unnest(list_concat(
            range(min(place) - week_count, min(place)),
            range(max(place) + 1, max(place) + 1 + week_count)
        )) as compared_place
    from numbered_days
    where is_silent
    group by publisher_id, silence_id, weekday
),

expected_weekdays as (
    select
        silent_weekdays.publisher_id, silent_weekdays.silence_id, day_count, starts_on, ends_on,
        avg(stored_count) as expected_count
    from silent_weekdays
    inner join numbered_days
        on
            silent_weekdays.publisher_id = numbered_days.publisher_id
            and silent_weekdays.weekday = numbered_days.weekday
            and compared_place = place
    group by all
),

improbable_silences as (
    select
        publisher_id,
        -- Exclude weekdays at either end of the silence on which the outlet never publishes.
        min(starts_on) filter (expected_count > 0) as starts_on,
        max(ends_on) filter (expected_count > 0) as ends_on
    from expected_weekdays
    group by publisher_id, silence_id
    having sum(day_count * expected_count) >= ln(1000)
),

reasons as (
    select
        outlet_days.*,
        case
            when is_down then 'feed_down'
            when covered_share = 0 then 'not_covered'
            when covered_share < 1 then 'partly_covered'
            when is_partial then 'pages_missing'
            when silences.publisher_id is not null then 'unexpected_silence'
        end as gap_reason
    from outlet_days
    left join improbable_silences as silences
        on
            outlet_days.publisher_id = silences.publisher_id
            and published_on between starts_on and ends_on
)

select
    publisher_id, published_on, article_count, text_count, story_count, excluded_count,
    listed_count, obtained_count, unread_count, covered_share, is_partial,
    gap_reason is not null as is_gap,
    gap_reason,
    count(*) filter (gap_reason is null) over (
        partition by publisher_id order by published_on
        range between interval 28 day preceding and interval 1 day preceding
    ) >= 14 as is_established,
    is_over, is_complete
from reasons
