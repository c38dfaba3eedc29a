{#-
    Return the body of a model with a row per theme and period that contains a changed day, over all outlets, for every theme.

    A story in several outlets or on several days of the period counts once. covered_days: days on which at least one outlet was
    not a gap; the share is null if it is 0. is_complete: the period is over in the time zone of every outlet, and at least one
    day was covered.
-#}
{% macro theme_over_time(time_column, bucket) -%}
with outlet_days as (
    select * from {{ ref('int_outlet_days') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

changed_days as (
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
    semi join changed_days on days.{{ time_column }} = changed_days.{{ time_column }}
    group by days.{{ time_column }}
),

counts as (
    select
        theme_id,
        {{ bucket('published_on') }} as {{ time_column }},
        count(*) as article_count,
        count(*) filter (where is_about) as about_count,
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
        coalesce(counts.about_count, 0) as about_count,
        coalesce(counts.story_count, 0) as story_count,
        coalesce(counts.theme_outlet_count, 0) as theme_outlet_count
    from times
    cross join themes
    left join counts on themes.theme_id = counts.theme_id and times.{{ time_column }} = counts.{{ time_column }}
)

select
    theme_id,
    {{ time_column }},
    article_count,
    about_count,
    story_count,
    total_count,
    {{ share_columns('article_count', 'total_count', 'covered_days > 0') }},
    {{ share_columns('about_count', 'total_count', 'covered_days > 0', 'about_share') }},
    theme_outlet_count,
    covered_outlet_count,
    outlet_count,
    covered_days,
    is_complete
from grid
{%- endmacro %}


{#- Return the day, the Monday of its ISO week, or the first day of its month. -#}
{% macro bucket_day(day) -%} {{ day }} {%- endmacro %}
{% macro bucket_week(day) -%} date_trunc('week', {{ day }})::date {%- endmacro %}
{% macro bucket_month(day) -%} date_trunc('month', {{ day }})::date {%- endmacro %}


{#- Return the end of a period in UTC. The period may end later than its last day with data. -#}
{% macro time_end(start, time_column) -%}
    {%- if time_column == 'month_start_on' -%}
        timezone('UTC', ({{ start }} + interval 1 month)::timestamp)
    {%- elif time_column == 'week_start_on' -%}
        timezone('UTC', ({{ start }} + interval 7 day)::timestamp)
    {%- else -%}
        '-infinity'::timestamptz
    {%- endif -%}
{%- endmacro %}
