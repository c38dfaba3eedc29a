-- One row per outlet and day in its time zone, including empty days, with gap status and reason.
--
-- A day is a gap if it was not completely covered (int_outlet_days): feed_down if polls failed in
-- the interval without coverage, otherwise not_covered or partly_covered. A covered day without
-- articles is a gap, unexpected_silence, if its silence should have contained at least ln(1000)
-- articles: the Poisson probability of no article is then at most .001. A silence is a run of empty
-- covered days; uncovered days do not end it. The expected count of each day is the mean over
-- covered days of the same weekday in the 28 days before and the 28 days after the silence. For a
-- longer silence, these two periods have its length. Therefore a silence is never compared with
-- itself, and a rarely publishing outlet is compared over a period of equal length.
--
-- To add a reason, add a CTE and a branch in `reasons`.
{{ config(
    unique_key=['publisher_id', 'published_on'],
    meta={'order_by': 'published_on, publisher_id'}
) }}

with outlet_days as (
    select * from {{ ref('int_outlet_days') }}
),

seen_days as (
    select
        publisher_id,
        published_on,
        isodow(published_on) as weekday,
        article_count + excluded_count as stored_count,
        article_count + excluded_count = 0 as is_silent
    from outlet_days
    where covered_share >= 1 and is_over
),

-- Number the silences, and number the covered days of each weekday in order.
numbered_days as (
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
    from numbered_days
    where is_silent
    group by publisher_id, silence_id
),

silent_weekdays as (
    select
        numbered_days.publisher_id,
        numbered_days.silence_id,
        numbered_days.weekday,
        count(*) as day_count,
        min(numbered_days.published_on) as starts_on,
        max(numbered_days.published_on) as ends_on,
        unnest(list_concat(
            range(
                min(numbered_days.place) - any_value(silences.week_count), min(numbered_days.place)
            ),
            range(
                max(numbered_days.place) + 1,
                max(numbered_days.place) + 1 + any_value(silences.week_count)
            )
        )) as compared_place
    from numbered_days
    inner join silences using (publisher_id, silence_id)
    where numbered_days.is_silent
    group by numbered_days.publisher_id, numbered_days.silence_id, numbered_days.weekday
),

expected_weekdays as (
    select
        silent_weekdays.publisher_id,
        silent_weekdays.silence_id,
        silent_weekdays.day_count,
        silent_weekdays.starts_on,
        silent_weekdays.ends_on,
        avg(numbered_days.stored_count) as expected_count
    from silent_weekdays
    inner join numbered_days
        on
            silent_weekdays.publisher_id = numbered_days.publisher_id
            and silent_weekdays.weekday = numbered_days.weekday
            and silent_weekdays.compared_place = numbered_days.place
    group by all
),

improbable_silences as (
    select
        publisher_id,
        silence_id,
        -- Exclude weekdays at either end of the silence on which the outlet never publishes.
        min(starts_on) filter (where expected_count > 0) as starts_on,
        max(ends_on) filter (where expected_count > 0) as ends_on
    from expected_weekdays
    group by publisher_id, silence_id
    having sum(day_count * expected_count) >= ln(1000)
),

silent_days as (
    select
        numbered_days.publisher_id,
        numbered_days.published_on
    from numbered_days
    inner join improbable_silences as silences using (publisher_id, silence_id)
    where
        numbered_days.is_silent
        and numbered_days.published_on between silences.starts_on and silences.ends_on
),

reasons as (
    select
        outlet_days.*,
        case
            when outlet_days.is_down then 'feed_down'
            when outlet_days.covered_share = 0 then 'not_covered'
            when outlet_days.covered_share < 1 then 'partly_covered'
            when silent_days.published_on is not null then 'unexpected_silence'
        end as gap_reason
    from outlet_days
    left join silent_days using (publisher_id, published_on)
)

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
