{#- Fails for each combination of columns that stands in more than one row. -#}
{% test unique_together(model, columns) -%}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest %}


{#- Fails for each row for which an expression is not true; unknown passes. -#}
{% test holds(model, expression) -%}
select * from {{ model }}
where not ({{ expression }})
{%- endtest %}
