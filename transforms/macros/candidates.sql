{#- Returns the last day that candidates are counted up to: that of the night's now. -#}
{% macro candidates_until() -%}
    timezone('UTC', {{ as_of() }})::date
{%- endmacro %}


{#- Returns the last day before the 28 that candidates are counted over; they are held against the year up to it. -#}
{% macro candidates_from() -%}
    ({{ candidates_until() }} - 28)
{%- endmacro %}


{#-
    Returns the entropy, in nats, of what stands beside a sequence, from the number of each neighbour in n and of all in total.
    A place at which the sequence ends freely (an empty neighbour) counts as a neighbour of its own.
-#}
{% macro neighbour_entropy(neighbour, n, total) -%}
    sum(if({{ neighbour }} = '', {{ n }} / {{ total }} * ln({{ total }}), -{{ n }} / {{ total }} * ln({{ n }} / {{ total }})))
{%- endmacro %}
