{#-
    Returns a model body: one row per theme and time of the days that changed, over all outlets, for every theme.

    A story in several outlets or on several days of the time counts once. covered_days: days on which an outlet at least was no gap;
    the share is null without any. is_complete: the time is over in the zone of every outlet, and a day of it was covered.
-#}
{% macro theme_over_time(time_column, bucket) -%}
with outlet_days as (
    select * from {{ ref('int_outlet_days') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

changed as (
    select distinct {{ time_column }} from {{ ref('int_changed_days') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

theme_articles as (
    select * from {{ ref('int_theme_articles') }}
),

days as (
    select
        {{ bucket('outlet_daily.published_on') }} as {{ time_column }},
        outlet_daily.published_on,
        outlet_daily.publisher_id,
        outlet_daily.article_count,
        outlet_daily.is_gap,
        outlet_days.is_over
    from outlet_daily
    inner join outlet_days
        on outlet_daily.publisher_id = outlet_days.publisher_id and outlet_daily.published_on = outlet_days.published_on
),

times as (
    select
        days.{{ time_column }},
        sum(days.article_count)::bigint as total_count,
        count(distinct days.publisher_id) as outlet_count,
        count(distinct days.publisher_id) filter (where not days.is_gap) as covered_outlet_count,
        count(distinct days.published_on) filter (where not days.is_gap) as covered_days,
        bool_and(days.is_over)
        and bool_or(not days.is_gap)
        and {{ as_of() }} >= max({{ time_end('days.' ~ time_column, time_column) }}) as is_complete
    from days
    semi join changed on days.{{ time_column }} = changed.{{ time_column }}
    group by days.{{ time_column }}
),

counts as (
    select
        theme_id,
        {{ bucket('published_on') }} as {{ time_column }},
        count(*) as article_count,
        count(distinct story_id) as story_count,
        count(distinct publisher_id) as theme_outlet_count
    from theme_articles
    group by all
),

grid as (
    select
        themes.theme_id,
        times.*,
        coalesce(counts.article_count, 0) as article_count,
        coalesce(counts.story_count, 0) as story_count,
        coalesce(counts.theme_outlet_count, 0) as theme_outlet_count
    from times
    cross join themes
    left join counts on themes.theme_id = counts.theme_id and times.{{ time_column }} = counts.{{ time_column }}
),

final as (
    select
        theme_id,
        {{ time_column }},
        article_count,
        story_count,
        total_count,
        {{ share_columns('article_count', 'total_count', 'covered_days > 0') }},
        theme_outlet_count,
        covered_outlet_count,
        outlet_count,
        covered_days,
        is_complete
    from grid
)

select
    theme_id,
    {{ time_column }},
    article_count,
    story_count,
    total_count,
    share,
    share_low,
    share_high,
    theme_outlet_count,
    covered_outlet_count,
    outlet_count,
    covered_days,
    is_complete
from final
{%- endmacro %}


{#- Returns the day, the Monday of the ISO week, or the first of the month that a day falls in. -#}
{% macro bucket_day(day) -%} {{ day }} {%- endmacro %}
{% macro bucket_week(day) -%} date_trunc('week', {{ day }})::date {%- endmacro %}
{% macro bucket_month(day) -%} date_trunc('month', {{ day }})::date {%- endmacro %}


{#- Returns the first instant, in UTC, after a time: a month is not over because the days seen of it are. -#}
{% macro time_end(start, time_column) -%}
    {%- if time_column == 'month_start_on' -%}
        timezone('UTC', ({{ start }} + interval 1 month)::timestamp)
    {%- elif time_column == 'week_start_on' -%}
        timezone('UTC', ({{ start }} + interval 7 day)::timestamp)
    {%- else -%}
        '-infinity'::timestamptz
    {%- endif -%}
{%- endmacro %}
