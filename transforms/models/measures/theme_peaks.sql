{{ config(
    unique_key=['theme_id', 'kind', 'start_on', 'event_id'],
    meta={'order_by': 'theme_id, start_on, kind, rank'}
) }}

with theme_daily as (
    select theme_id, published_on, about_count, total_count
    from {{ ref('theme_daily') }}
    where covered_outlet_count > 0
),

-- The share of the week before must be known; the week after may be the current one or a gap.
weeks as (
    select
        theme_id, week_start_on, about_share,
        lag(about_share) over course as share_before,
        lead(if(is_complete, about_share, null)) over course as share_after
    from {{ ref('theme_weekly') }}
    window course as (partition by theme_id order by week_start_on)
),

peaks as (
    select
        theme_id,
        'week' as kind,
        week_start_on as start_on,
        week_start_on + 6 as end_on
    from weeks
    where
        about_share > share_before
        and about_share >= coalesce(share_after, 0)
        and week_start_on >= ({{ as_of() }})::date - 730
    union all
    select
        series_id as theme_id,
        'burst' as kind,
        start_on, end_on
    from {{ ref('bursts') }}
    where series = 'theme'
),

counted as (
    select
        theme_id, kind, start_on, end_on,
        sum(about_count) filter (published_on >= start_on) as article_count,
        sum(total_count) filter (published_on >= start_on) as total_count,
        sum(about_count) filter (published_on < start_on) as about_count_before,
        sum(total_count) filter (published_on < start_on) as total_count_before
    from peaks
    inner join theme_daily using (theme_id)
    where published_on between start_on - 56 and end_on
    group by all
    having count(*) filter (published_on < start_on) >= 28
),

-- Expected by the share of the covered days before; a clear peak is two standard deviations of a
-- Poisson variable above it.
clear_peaks as (
    select
        *,
        about_count_before / nullif(total_count_before, 0) * total_count as expected_count,
        article_count - expected_count as rise_count
    from counted
    where article_count >= 3 and rise_count > 2 * sqrt(expected_count + 1)
),

-- Articles of days without coverage are not in the number of the peak.
behind as (
    select
        theme_id, kind, start_on, end_on, rise_count, event_id,
        count(*) as article_count,
        count(*) filter (title_count + lead_count > 0) as subject_count,
        count(*) / any_value(article_count) as rise_share
    from clear_peaks
    inner join {{ ref('article_themes') }} using (theme_id)
    inner join {{ ref('article_events') }} using (article_id)
    semi join theme_daily using (theme_id, published_on)
    where is_about and is_counted and published_on between start_on and end_on
    group by all
    having count(*) > 1
)

-- An event whose reports mostly concern something else, such as a visit on the way to a conference,
-- is not behind the peak.
select
    theme_id, kind, start_on, end_on, event_id,
    row_number() over (
        partition by theme_id, kind, start_on
        order by behind.article_count desc, event_id asc
    ) as rank,
    title, behind.article_count,
    round(rise_count, 1) as rise_count,
    -- An event has its part of the expected articles, so its share of the rise is that of the peak.
    round(rise_share, 3) as rise_share
from behind
inner join {{ ref('events') }} using (event_id)
where
    rise_share >= 0.1
    and 2 * subject_count > (
        select sum(days.report_count)
        from {{ ref('event_days') }} as days
        where days.event_id = behind.event_id and event_day_on between start_on and end_on
    )
qualify rank <= 3
