{%- do ref('theme_weekly') %}
{%- do ref('theme_monthly') %}
{{ config(unique_key=['release_id', 'period', 'start_on', 'theme_id']) }}

from {{ source('annotations', 'revised_figures') }}
