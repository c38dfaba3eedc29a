{#-
    Return a bound of the Wilson score interval of a share, by default 95 %; null if total is 0.

    (p + z²/2n ∓ z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n); Wilson (1927), as in Newcombe (1998),
    Statistics in Medicine 17, method 3.
-#}
{% macro wilson_low(hits, total, z=1.959964) -%}
    {{ wilson_bound(hits, total, z, '-') }}
{%- endmacro %}


{% macro wilson_high(hits, total, z=1.959964) -%}
    {{ wilson_bound(hits, total, z, '+') }}
{%- endmacro %}


{% macro wilson_bound(hits, total, z, sign) -%}
    {%- set n = 'nullif(' ~ total ~ ', 0)::double' -%}
    {%- set p = '(' ~ hits ~ ' / ' ~ n ~ ')' -%}
    {%- set square = z * z -%}
    case when {{ total }} > 0 then greatest(0.0, least(1.0, (
        {{ p }} + {{ square }} / (2 * {{ n }})
        {{ sign }} {{ z }} * sqrt({{ p }} * (1 - {{ p }}) / {{ n }} + {{ square }}
            / (4 * {{ n }} * {{ n }}))
    ) / (1 + {{ square }} / {{ n }}))) end
{%- endmacro %}


{#-
    Return a share and its bounds, named name, name_low and name_high: null if the period is not
    covered or total is 0.
-#}
{% macro share_columns(hits, total, is_known, name='share') -%}
    case when {{ is_known }} then {{ hits }} / nullif({{ total }}, 0)::double end as {{ name }},
    case when {{ is_known }} then {{ wilson_low(hits, total) }} end as {{ name }}_low,
    case when {{ is_known }} then {{ wilson_high(hits, total) }} end as {{ name }}_high
{%- endmacro %}
