-- One row per outlet and day in its zone, empty days too, with whether the day is a gap and why.
--
-- A day is a gap when it was not wholly covered (int_covered_times): feed_down where polls failed in the hole, else not_covered
-- or partly_covered. A covered day without articles is a gap too, unexpected_silence, when the silence that it is in should have
-- brought at least ln(1000) articles: by Poisson, its probability is then at most .001. A silence is a run of empty covered days;
-- a day that was not covered does not end it. Each of its days should have brought the mean of the covered days of the same
-- weekday in the 28 days before the silence and the 28 after it, or in as many days as the silence has, where it has more: a
-- silence is never compared with itself, and an outlet that seldom publishes is compared with a time as long.
-- A further reason is a further CTE and a further line in `reasons`.
{{ config(unique_key=['publisher_id', 'published_on'], order_by='published_on, publisher_id') }}

with outlet_days as (
    select * from {{ ref('int_outlet_days') }}
),

covered_times as (
    select * from {{ ref('int_covered_times') }}
),

polls as (
    select * from {{ ref('stg_polls') }}
),

-- The holes between covered stretches, the last of them open.
holes as (
    select
        publisher_id,
        ends_at as starts_at,
        coalesce(lead(starts_at) over (partition by publisher_id order by starts_at), 'infinity'::timestamptz) as ends_at
    from covered_times
    union all
    select
        publisher_id,
        '-infinity'::timestamptz as starts_at,
        min(starts_at) as ends_at
    from covered_times
    group by publisher_id
),

failed_polls as (
    select * from polls
    where not is_success
),

down_holes as (
    select
        holes.publisher_id,
        greatest(holes.starts_at, min(failed_polls.fetched_at) - interval 1 day) as starts_at,
        holes.ends_at
    from holes
    inner join failed_polls
        on
            holes.publisher_id = failed_polls.publisher_id
            and failed_polls.fetched_at >= holes.starts_at
            and failed_polls.fetched_at < holes.ends_at
    group by holes.publisher_id, holes.starts_at, holes.ends_at
),

down_days as (
    select distinct
        outlet_days.publisher_id,
        outlet_days.published_on
    from outlet_days
    inner join down_holes
        on
            outlet_days.publisher_id = down_holes.publisher_id
            and outlet_days.starts_at < down_holes.ends_at
            and outlet_days.ends_at > down_holes.starts_at
    where outlet_days.covered_share < 1
),

seen_days as (
    select
        publisher_id,
        published_on,
        isodow(published_on) as weekday,
        article_count + excluded_count as held_count,
        article_count + excluded_count = 0 as is_silent
    from outlet_days
    where covered_share >= 1 and is_over
),

-- Silences have a number, and the days of a weekday a place among all that were seen.
placed_days as (
    select
        *,
        row_number() over by_day - row_number() over by_kind as silence_id,
        row_number() over by_weekday as place
    from seen_days
    window
        by_day as (partition by publisher_id order by published_on),
        by_kind as (partition by publisher_id, is_silent order by published_on),
        by_weekday as (partition by publisher_id, weekday order by published_on)
),

silences as (
    select
        publisher_id,
        silence_id,
        greatest(4, ceil(count(*) / 7))::bigint as week_count
    from placed_days
    where is_silent
    group by publisher_id, silence_id
),

silent_weekdays as (
    select
        placed_days.publisher_id,
        placed_days.silence_id,
        placed_days.weekday,
        count(*) as day_count,
        min(placed_days.published_on) as starts_on,
        max(placed_days.published_on) as ends_on,
        unnest(list_concat(
            range(min(placed_days.place) - any_value(silences.week_count), min(placed_days.place)),
            range(max(placed_days.place) + 1, max(placed_days.place) + 1 + any_value(silences.week_count))
        )) as compared_place
    from placed_days
    inner join silences
        on placed_days.publisher_id = silences.publisher_id and placed_days.silence_id = silences.silence_id
    where placed_days.is_silent
    group by placed_days.publisher_id, placed_days.silence_id, placed_days.weekday
),

expected_weekdays as (
    select
        silent_weekdays.publisher_id,
        silent_weekdays.silence_id,
        silent_weekdays.day_count,
        silent_weekdays.starts_on,
        silent_weekdays.ends_on,
        avg(placed_days.held_count) as expected_count
    from silent_weekdays
    inner join placed_days
        on
            silent_weekdays.publisher_id = placed_days.publisher_id
            and silent_weekdays.weekday = placed_days.weekday
            and silent_weekdays.compared_place = placed_days.place
    group by all
),

improbable_silences as (
    select
        publisher_id,
        silence_id,
        -- A weekend on which nothing is ever published, before the silence or after it, is no part of it.
        min(starts_on) filter (where expected_count > 0) as starts_on,
        max(ends_on) filter (where expected_count > 0) as ends_on
    from expected_weekdays
    group by publisher_id, silence_id
    having sum(day_count * expected_count) >= ln(1000)
),

silent_days as (
    select
        placed_days.publisher_id,
        placed_days.published_on
    from placed_days
    inner join improbable_silences as silences
        on placed_days.publisher_id = silences.publisher_id and placed_days.silence_id = silences.silence_id
    where placed_days.is_silent and placed_days.published_on between silences.starts_on and silences.ends_on
),

reasons as (
    select
        outlet_days.*,
        case
            when down_days.published_on is not null then 'feed_down'
            when outlet_days.covered_share = 0 then 'not_covered'
            when outlet_days.covered_share < 1 then 'partly_covered'
            when silent_days.published_on is not null then 'unexpected_silence'
        end as gap_reason
    from outlet_days
    left join down_days
        on outlet_days.publisher_id = down_days.publisher_id and outlet_days.published_on = down_days.published_on
    left join silent_days
        on outlet_days.publisher_id = silent_days.publisher_id and outlet_days.published_on = silent_days.published_on
),

final as (
    select
        publisher_id,
        published_on,
        article_count,
        story_count,
        excluded_count,
        covered_share,
        gap_reason is not null as is_gap,
        gap_reason,
        is_complete
    from reasons
)

select
    publisher_id,
    published_on,
    article_count,
    story_count,
    excluded_count,
    covered_share,
    is_gap,
    gap_reason,
    is_complete
from final
