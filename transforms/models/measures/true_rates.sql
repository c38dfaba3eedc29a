-- One row per theme, language and prediction of the word list: how often the prediction is true,
-- estimated from coded articles and, where these are few, from other languages and themes.
-- depends_on: {{ ref('int_day_versions') }}, before which the rates are computed
{{ config(unique_key=['theme_id', 'language', 'prediction']) }}

select * exclude (rates_version) from {{ source('annotations', 'true_rates') }}
