-- One row per peak of a theme and event behind it, at most three events for each peak. A peak is a burst, or a week of the last
-- two years with more articles about the theme than its neighbours and clearly more than expected.
{{ config(
    unique_key=['theme_id', 'kind', 'start_on', 'event_id'],
    order_by='theme_id, start_on, kind, rank'
) }}

{% set expected_days = 56 %}

with theme_daily as (
    select
        theme_id,
        published_on,
        about_count
    from {{ ref('theme_daily') }}
),

theme_weekly as (
    select * from {{ ref('theme_weekly') }}
),

bursts as (
    select * from {{ ref('bursts') }}
    where series = 'theme'
),

weeks as (
    select
        theme_id,
        week_start_on,
        about_count,
        lag(about_count, 1, 0) over (partition by theme_id order by week_start_on) as count_before,
        lead(about_count, 1, 0) over (partition by theme_id order by week_start_on) as count_after
    from theme_weekly
),

peaks as (
    select
        theme_id,
        'week' as kind,
        week_start_on as start_on,
        week_start_on + 6 as end_on
    from weeks
    where
        about_count > count_before
        and about_count >= count_after
        and week_start_on >= ({{ as_of() }})::date - 730
    union all
    select
        series_id as theme_id,
        'burst' as kind,
        start_on,
        end_on
    from bursts
),

-- The expected number follows from the eight weeks before. Their first days may be older than the collection.
counted as (
    select
        peaks.theme_id,
        peaks.kind,
        peaks.start_on,
        peaks.end_on,
        coalesce(sum(days.about_count) filter (days.published_on >= peaks.start_on), 0) as article_count,
        coalesce(sum(days.about_count) filter (days.published_on < peaks.start_on), 0)
        / greatest(count(*) filter (days.published_on < peaks.start_on), 1)
        * (peaks.end_on - peaks.start_on + 1) as expected_count
    from peaks
    inner join theme_daily as days
        on
            peaks.theme_id = days.theme_id
            and days.published_on between peaks.start_on - {{ expected_days }} and peaks.end_on
    group by peaks.theme_id, peaks.kind, peaks.start_on, peaks.end_on
),

-- Two standard deviations of a Poisson variable above the expected number.
clear_peaks as (
    select
        *,
        article_count - expected_count as rise_count
    from counted
    where article_count >= 3 and article_count - expected_count > 2 * sqrt(expected_count + 1)
),

bounds as (
    select
        min(start_on) as first_on,
        max(end_on) as last_on
    from clear_peaks
),

theme_articles as (
    select
        article_themes.theme_id,
        article_themes.published_on,
        article_events.event_id
    from {{ ref('article_themes') }} as article_themes
    inner join bounds on article_themes.published_on between bounds.first_on and bounds.last_on
    inner join {{ ref('article_events') }} as article_events on article_themes.article_id = article_events.article_id
    where article_themes.is_about
),

behind as (
    select
        clear_peaks.theme_id,
        clear_peaks.kind,
        clear_peaks.start_on,
        clear_peaks.end_on,
        clear_peaks.rise_count,
        theme_articles.event_id,
        count(*) as article_count
    from clear_peaks
    inner join theme_articles
        on
            clear_peaks.theme_id = theme_articles.theme_id
            and theme_articles.published_on between clear_peaks.start_on and clear_peaks.end_on
    group by all
    having count(*) > 1
),

events as (
    select * from {{ ref('events') }}
)

select
    behind.theme_id,
    behind.kind,
    behind.start_on,
    behind.end_on,
    behind.event_id,
    row_number() over (
        partition by behind.theme_id, behind.kind, behind.start_on order by behind.article_count desc, behind.event_id asc
    ) as rank,
    events.title,
    behind.article_count,
    round(behind.rise_count, 1) as rise_count,
    least(1, round(behind.article_count / behind.rise_count, 3)) as rise_share
from behind
inner join events on behind.event_id = events.event_id
where behind.article_count >= behind.rise_count / 10
qualify rank <= 3
