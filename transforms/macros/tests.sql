{#- Fail for each combination of columns that occurs in more than one row. -#}
{% test unique_together(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ audited_rows(model, columns) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest %}


{#- Fail for each value that occurs in more than one row. This test replaces dbt's own to use audited_rows. -#}
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
    Return the rows that a uniqueness test must check. These are all rows, unless plugin.py received the span of an audit by
    this version. Then they are only the rows that share keys with a row written since: unchanged keys were unique in that
    audit.
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


{#- Fail for each row for which an expression is false. An unknown (null) result passes. -#}
{% test expression_is_true(model, expression) -%}
select * from {{ model }}
where not ({{ expression }})
{%- endtest %}
