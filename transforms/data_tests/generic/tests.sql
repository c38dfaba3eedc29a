{#- Fail for each combination of columns that occurs in more than one row. -#}
{% test unique_together(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest %}


{#- Fail for each row for which an expression is false. An unknown (null) result passes. -#}
{% test expression_is_true(model, expression) -%}
select * from {{ model }}
where not ({{ expression }})
{%- endtest %}
