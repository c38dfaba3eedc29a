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
