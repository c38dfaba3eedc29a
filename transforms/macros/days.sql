{#-
    Return the run time. It replaces the clock, so that repeating a run gives the same rows. dbt
    takes it from its variable as_of, or the time at which it started.
-#}
{% macro as_of() -%}
    '{{ var("as_of", run_started_at) }}'::timestamptz
{%- endmacro %}


{#- Return the time at which a day starts in a time zone. -#}
{% macro day_start(day, time_zone) -%}
    timezone({{ time_zone }}, ({{ day }})::timestamp)
{%- endmacro %}


{#-
    Return a select with a row per key and day in its time zone. `day_seconds` is the number of
    seconds of the day inside the intervals, and `is_to_end` whether they reach the end of the day.

    `times` has the key, `starts_at` and `ends_at`, without overlaps. `zones` has the key,
    `time_zone` and `today`, the last day to include.
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
                least(
                    timezone({{ zones }}.time_zone, {{ times }}.ends_at)::date, {{ zones }}.today
                ),
                interval 1 day
            ))::date as published_on
        from {{ times }}
        inner join {{ zones }} on {{ times }}.{{ key }} = {{ zones }}.{{ key }}
    )
    group by {{ key }}, published_on
{%- endmacro %}


{#-
    Return a select of each key with its days: all days from the first day in `first_days` to
    `last_on` in `zones`, and all days in `counts` up to `today`.
-#}
{% macro days_by_key(first_days, zones, counts, key) -%}
    select
        {{ first_days }}.{{ key }},
        unnest(
            generate_series({{ first_days }}.first_on, {{ zones }}.last_on, interval 1 day)
        )::date as published_on
    from {{ first_days }}
    inner join {{ zones }} on {{ first_days }}.{{ key }} = {{ zones }}.{{ key }}
    union
    select {{ counts }}.{{ key }}, {{ counts }}.published_on
    from {{ counts }}
    inner join {{ zones }} on {{ counts }}.{{ key }} = {{ zones }}.{{ key }}
    where {{ counts }}.published_on <= {{ zones }}.today
{%- endmacro %}


{#-
    Return the covered share of a day, 0 to 1. A running day needs coverage only up to the last
    successful poll.
-#}
{% macro covered_share(covered_seconds, starts_at, ends_at, last_success_at) -%}
    {%- set needed -%}
        epoch(
            if(
                {{ ends_at }} <= {{ as_of() }},
                {{ ends_at }},
                least({{ ends_at }}, {{ last_success_at }})
            )
            - {{ starts_at }}
        )
    {%- endset -%}
    case when {{ needed }} > 0 then least({{ covered_seconds }} / {{ needed }}, 1.0) else 0.0 end
{%- endmacro %}
