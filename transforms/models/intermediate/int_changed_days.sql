-- One row per day whose theme tables are built again: its articles, their themes or stories, or its
-- outlets' counts or gaps changed, or its week or month ended. If the list of themes or the rates
-- of coded articles changed, these are all days.
{{ config(materialized='table', database='memory') }}

with outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

changed_themes as (
    select count(*) as theme_count
    from (
        {{ changes_of(source('ref', 'themes'), 'theme_id') }}
        union all
        {{ changes_of(ref('int_theme_rates'), 'theme_id') }}
    )
),

-- A week or month can end later than its last day with data. Its end is its last day's change.
last_days as (
    select
        max(published_on) as published_on,
        {{ time_end(bucket_week('published_on'), 'week_start_on') }} as ends_at
    from outlet_daily
    group by ends_at
    union all
    select
        max(published_on) as published_on,
        {{ time_end(bucket_month('published_on'), 'month_start_on') }} as ends_at
    from outlet_daily
    group by ends_at
),

changed as (
    select published_on from {{ ref('int_days_to_count') }}
    union
    {{ changes_of(ref('outlet_daily'), 'published_on') }}
    union
    {{ changes_of(ref('int_outlet_days'), 'published_on') }}
    union
    select published_on from last_days
    where (ends_at <= {{ as_of() }}) != (ends_at <= {{ last_as_of() }})
    union
    select outlet_daily.published_on
    from outlet_daily
    cross join changed_themes
    where changed_themes.theme_count > 0 or {{ 'true' if is_whole('int_changed_days') else 'false' }}
)

select
    published_on,
    {{ bucket_week('published_on') }} as week_start_on,
    {{ bucket_month('published_on') }} as month_start_on
from changed
where published_on is not null
