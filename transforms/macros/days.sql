{#- Returns the night's now as an instant: never the clock, so that a night run again gives the same rows. -#}
{% macro as_of() -%}
    '{{ var("as_of") }}'::timestamptz
{%- endmacro %}


{#- Returns the instant at which a day begins in a zone. -#}
{% macro day_start(day, time_zone) -%}
    timezone({{ time_zone }}, ({{ day }})::timestamp)
{%- endmacro %}
