{#- Return the primary subtag of a BCP 47 tag: zh for zh-Hans. -#}
{% macro primary_language(tag) -%} lower(regexp_extract({{ tag }}, '^[^-_]+')) {%- endmacro %}
