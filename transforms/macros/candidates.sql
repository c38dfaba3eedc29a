{#-
    Return the last day of the period over which candidates are counted: the UTC date of the run
    time.
-#}
{% macro candidates_until() -%}
    timezone('UTC', {{ as_of() }})::date
{%- endmacro %}


{#- Return the day before the first day that is read: 28 days and the year before them. -#}
{% macro candidates_earliest() -%}
    ({{ candidates_until() }} - 393)
{%- endmacro %}
