{#-
    Return the run time. It replaces the clock, so that repeating a run gives the same rows. dbt
    takes it from its variable as_of, or the time at which it started.
-#}
{% macro as_of() -%}
    '{{ var("as_of", run_started_at) }}'::timestamptz
{%- endmacro %}


{#-
    Return whether a column is a day that changed since the last build, or in a week or month with
    such a day, by `period`. dbt computes all days.
-#}
{% macro is_changed(column, period='day') -%}
    {%- do ref('int_day_versions') -%}
    {{ var('changed_' ~ period, 'true') | replace('{}', column) }}
{%- endmacro %}
