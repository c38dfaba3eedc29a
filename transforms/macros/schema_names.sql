{#-
    Use the schema names marts, intermediate and staging without the target's prefix, so that
    analysts see them.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name is not none else target.schema }}
{%- endmacro %}
