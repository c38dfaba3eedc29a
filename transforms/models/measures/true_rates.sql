-- depends_on: {{ ref('int_day_versions') }}, before which the rates are computed
{{ config(unique_key=['theme_id', 'language', 'prediction']) }}

select * exclude (rates_version) from {{ source('annotations', 'true_rates') }}
