{#-
    Return whether a reason to exclude a page states that the page does not show its article:
    another page, a request for consent, an error page, or only the article's beginning.
-#}
{% macro is_unread(reason) -%}
    {{ reason }} in ('other_page', 'repeated_text', 'paywall', 'teaser')
{%- endmacro %}
