{#-
    Return the text around a position as a single line: about `reach` characters on each side, with an ellipsis where text is
    cut. start and end are 0-based character offsets, end exclusive. DuckDB's substring counts from 1.
-#}
{% macro snippet(text, start, end, reach=80) -%}
    trim(
        regexp_replace(
            if({{ start }} > {{ reach }}, '…', '')
            || substring({{ text }}, greatest({{ start }} - {{ reach }}, 0) + 1, {{ end }} - greatest({{ start }} - {{ reach }}, 0) + {{ reach }})
            || if(length({{ text }}) > {{ end }} + {{ reach }}, '…', ''),
            '\s+', ' ', 'g'
        )
    )
{%- endmacro %}


{#-
    Return the page, from 1, that contains an offset of a text, from the sorted offsets of the pages' first characters; null if
    the text has no pages. Counting without a lambda works in each DuckDB from 1.2 on.
-#}
{% macro page_of(page_offsets, start_offset) -%}
    nullif(list_position(
        list_sort(list_append({{ page_offsets }}::double[], {{ start_offset }} + 0.5)), {{ start_offset }} + 0.5
    ) - 1, 0)
{%- endmacro %}
