-- One row per outlet and day in its zone, empty days too, with whether the day is a gap and why.
--
-- A day is a gap when it was not wholly covered (int_covered_times): feed_down where polls failed in the hole, else not_covered
-- or partly_covered. A covered day without articles is a gap too, unexpected_silence, when the run of empty days that it is in
-- should have brought at least ln(1000) articles: by Poisson, silence then has a probability of at most .001. What a day should
-- have brought is the mean of the covered days of the same weekday within 28 days, that run left out.
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

-- Runs of covered, finished days without an article, one after the other.
seen_days as (
    select
        publisher_id,
        published_on,
        article_count,
        excluded_count,
        isodow(published_on) as weekday,
        is_over and article_count + excluded_count = 0 as is_silent,
        published_on - row_number() over (
            partition by publisher_id, is_over and article_count + excluded_count = 0 order by published_on
        )::integer as run_id
    from outlet_days
    where covered_share >= 1
),

expected_days as (
    select
        publisher_id,
        published_on,
        is_silent,
        run_id,
        (sum(article_count + excluded_count) over near) / nullif(
            count(*) over near - if(is_silent, count(*) filter (where is_silent) over near_run, 0), 0
        ) as expected_count
    from seen_days
    window
        near as (
            partition by publisher_id, weekday
            order by published_on range between interval 28 day preceding and interval 28 day following
        ),
        near_run as (
            partition by publisher_id, weekday, is_silent, run_id
            order by published_on range between interval 28 day preceding and interval 28 day following
        )
),

silent_runs as (
    select
        publisher_id,
        run_id,
        -- A weekend on which nothing is ever published, before the silence or after it, is no part of it.
        min(published_on) filter (where expected_count > 0) as starts_on,
        max(published_on) filter (where expected_count > 0) as ends_on
    from expected_days
    where is_silent
    group by publisher_id, run_id
    having sum(expected_count) >= ln(1000)
),

silent_days as (
    select
        expected_days.publisher_id,
        expected_days.published_on
    from expected_days
    inner join silent_runs
        on expected_days.publisher_id = silent_runs.publisher_id and expected_days.run_id = silent_runs.run_id
    where expected_days.is_silent and expected_days.published_on between silent_runs.starts_on and silent_runs.ends_on
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
