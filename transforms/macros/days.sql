{#-
    Returns the night's now as an instant: never the clock, so that a night run again gives the same rows.

    What differs from run to run is a DuckDB variable that plugin.py sets, not a dbt var: a changed var makes dbt parse all again.
-#}
{% macro as_of() -%}
    getvariable('as_of')::timestamptz
{%- endmacro %}


{#- Returns the instant at which a day begins in a zone. -#}
{% macro day_start(day, time_zone) -%}
    timezone({{ time_zone }}, ({{ day }})::timestamp)
{%- endmacro %}


{#-
    Returns a select of one row per key and day of its zone: `day_seconds`, the seconds of the day that lie within the times, and
    `is_to_end`, whether the times reach the day's end.

    `times` has the key, `starts_at` and `ends_at`, not overlapping; `zones` has the key, `time_zone` and `today`, the last day that
    is told of.
-#}
{% macro seconds_by_day(times, zones, key) -%}
    select
        {{ key }},
        published_on,
        sum(epoch(
            least(ends_at, {{ day_start('published_on + 1', 'time_zone') }})
            - greatest(starts_at, {{ day_start('published_on', 'time_zone') }})
        )) as day_seconds,
        bool_or(ends_at >= {{ day_start('published_on + 1', 'time_zone') }}) as is_to_end
    from (
        select
            {{ times }}.{{ key }},
            {{ zones }}.time_zone,
            {{ times }}.starts_at,
            {{ times }}.ends_at,
            unnest(generate_series(
                timezone({{ zones }}.time_zone, {{ times }}.starts_at)::date,
                least(timezone({{ zones }}.time_zone, {{ times }}.ends_at)::date, {{ zones }}.today),
                interval 1 day
            ))::date as published_on
        from {{ times }}
        inner join {{ zones }} on {{ times }}.{{ key }} = {{ zones }}.{{ key }}
    )
    group by {{ key }}, published_on
{%- endmacro %}
