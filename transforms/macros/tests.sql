{#- Fails for each combination of columns that stands in more than one row. -#}
{% test unique_together(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ audited_rows(model, columns) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest %}


{#- The same for one column, in place of dbt's own. -#}
{% test unique(model, column_name) %}
select
    {{ column_name }},
    count(*) as row_count
from {{ audited_rows(model, [column_name]) }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1
{%- endtest %}


{#-
    Returns a relation, or of it only the rows that share columns with one written since the last release, where plugin.py was told of
    one whose audit this program made: what has not been written since is as unique as it was, and rows are many where days are few.
-#}
{% macro audited_rows(model, columns) -%}
    {%- set span = none -%}
    {%- if execute and model.database == 'lake' -%}
        {%- set span = run_query("select getvariable('audited_until')::bigint, getvariable('written_until')::bigint").rows[0] -%}
    {%- endif -%}
    {%- if span is none or span[0] is none -%}
        {{ model }}
    {%- elif span[0] | int >= span[1] | int -%}
        (from {{ model }} where false)
    {%- else -%}
        (
            from {{ model }} semi join (
                select {{ columns | join(', ') }}
                from ducklake_table_changes('lake', '{{ model.schema }}', '{{ model.identifier }}', {{ span[0] | int + 1 }}, {{ span[1] | int }})
                where change_type in ('insert', 'update_postimage')
            ) as written using ({{ columns | join(', ') }})
        )
    {%- endif -%}
{%- endmacro %}


{#- Fails for each row for which an expression is not true; unknown passes. -#}
{% test holds(model, expression) -%}
select * from {{ model }}
where not ({{ expression }})
{%- endtest %}
