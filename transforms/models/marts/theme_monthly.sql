{{ config(
    unique_key=['theme_id', 'month_start_on'],
    meta={'changed': 'month_start_on', 'period': 'month'}
) }}

{{ theme_over_time('month_start_on', 'month') }}
