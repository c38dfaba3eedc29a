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
