{#- Return the primary subtag of a BCP 47 tag: zh for zh-Hans. -#}
{% macro primary_language(tag) -%} lower(regexp_extract({{ tag }}, '^[^-_]+')) {%- endmacro %}


{#-
    Return whether a language separates no words with spaces;
    tidings/annotation/languages/__init__.py lists these languages.
-#}
{% macro writes_no_spaces(language='language') -%}
    list_contains(string_split(getvariable('languages_without_spaces'), ' '), {{ language }})
{%- endmacro %}
