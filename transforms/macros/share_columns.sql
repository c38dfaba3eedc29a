{#-
    Return a share and its bounds, named name, name_low and name_high: null if the period is not
    covered or total is 0.
-#}
{% macro share_columns(hits, total, is_known, name='share') -%}
    case when {{ is_known }} then share({{ hits }}, {{ total }}) end as {{ name }},
    case when {{ is_known }} then wilson_low({{ hits }}, {{ total }}) end as {{ name }}_low,
    case when {{ is_known }} then wilson_high({{ hits }}, {{ total }}) end as {{ name }}_high
{%- endmacro %}
