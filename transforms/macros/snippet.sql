{#-
    A word, or the part of one at the end of a text: characters of scripts that separate words, with
    hyphens and apostrophes. Any other character, so also a Chinese one, is a part by itself.
-#}
{% macro word_part() -%}
    (?s:(?:[^\s\pP\pS\pZ\pC\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]
    {#- -#}
    |[''’‐-])+|.)
{%- endmacro %}


{#-
    Return at most `reach` characters before a position, from the beginning of a word, after an
    ellipsis if text is cut. The marks after a removed word are removed too.
    Positions are 0-based, ends exclusive. DuckDB's substring counts from 1.
-#}
{% macro text_before(text, start, reach) -%}
    if(
        {{ start }} > {{ reach }},
        '…' || regexp_replace(
            substring({{ text }}, {{ start }} - {{ reach }}, {{ reach }} + 1),
            '^{{ word_part() }}[\s.,;:!?)。，；：！？、）]*', ''
        ),
        substring({{ text }}, 1, {{ start }})
    )
{%- endmacro %}


{#-
    Return at most `reach` characters from a position on, to the end of a word, with an ellipsis if
    text is cut.
-#}
{% macro text_after(text, end, reach) -%}
    if(
        length({{ text }}) > {{ end }} + {{ reach }},
        regexp_replace(substring({{ text }}, {{ end }} + 1, {{ reach }} + 1),
            '\s*{{ word_part() }}$', '') || '…',
        substring({{ text }}, {{ end }} + 1)
    )
{%- endmacro %}


{#-
    Return the text around a position as a single line, cut between words, with about `reach`
    characters on each side.
-#}
{% macro snippet(text, start, end, reach=80) -%}
    trim(
        regexp_replace(
            {{ text_before(text, start, reach) }}
            || substring({{ text }}, {{ start }} + 1, {{ end }} - ({{ start }}))
            || {{ text_after(text, end, reach) }},
            '\s+', ' ', 'g'
        )
    )
{%- endmacro %}


{#-
    Return the page, from 1, that contains an offset of a text, from the sorted offsets of the
    pages' first characters; null if the text has no pages. Counting without a lambda works in each
    DuckDB from 1.2 on.
-#}
{% macro page_of(page_offsets, start_offset) -%}
    nullif(list_position(
        list_sort(list_append({{ page_offsets }}::double[], {{ start_offset }} + 0.5)),
        {{ start_offset }} + 0.5
    ) - 1, 0)
{%- endmacro %}
