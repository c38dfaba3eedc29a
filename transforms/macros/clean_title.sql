{#- Return a title without marks such as [Video] at the start. -#}
{% macro clean_title(title) -%}
    regexp_replace({{ title }}, '^(\s*[\[【][^\]】]{1,6}[\]】])+\s*(.)', '\2')
{%- endmacro %}
