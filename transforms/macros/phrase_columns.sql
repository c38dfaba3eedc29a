{#- Return the columns of ref.theme_phrases that affect matching. -#}
{% macro phrase_columns() -%}
    phrase_id, theme_id, language, phrase, match_type, role, requires_any, window_chars,
    exclude_regex, salience, valid_from, valid_to
{%- endmacro %}


{#-
    Return the primary languages of the phrases that were added, changed or removed since the last
    build. session.py finds them, and registers has_changed_phrase over these phrases.
-#}
{% macro changed_phrase_languages() -%}
    {%- if not execute or computes_all_rows() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set changed = run_query("select getvariable('changed_phrase_languages')").rows[0][0] -%}
    {{ return((changed or '').split()) }}
{%- endmacro %}
