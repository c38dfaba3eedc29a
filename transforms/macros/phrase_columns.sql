{#- Return the columns of ref.theme_phrases that affect matching. -#}
{% macro phrase_columns() -%}
    phrase_id, theme_id, language, phrase, match_type, role, requires_any, window_chars,
    exclude_regex, salience, valid_from, valid_to
{%- endmacro %}
