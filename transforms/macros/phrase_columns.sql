{#- Return the columns of ref.theme_phrases that affect matching. -#}
{% macro phrase_columns() -%}
    phrase_id, theme_id, language, phrase, match_type, role, requires_any, window_chars, exclude_regex, valid_from, valid_to
{%- endmacro %}


{#-
    Return the primary languages of the phrases that were added, changed or removed since the last completed run. Returns none
    before the first run, when every article is matched anyway.
-#}
{% macro changed_languages() -%}
    {%- set tagged = none -%}
    {%- if execute and not computes_all_rows() -%}
        {%- set tagged = adapter.get_relation(target.database, 'intermediate', 'int_tagged_phrases') -%}
    {%- endif -%}
    {%- if tagged is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set now = 'select ' ~ phrase_columns() ~ ' from ' ~ source('ref', 'theme_phrases') -%}
    {%- set before = 'select ' ~ phrase_columns() ~ ' from ' ~ tagged -%}
    {%- set found = run_query(
        "select distinct lower(regexp_extract(language, '^[^-_]+')) from ("
        ~ '(' ~ now ~ ' except ' ~ before ~ ') union all (' ~ before ~ ' except ' ~ now ~ ')) order by 1'
    ) -%}
    {{ return(found.columns[0].values()) }}
{%- endmacro %}
