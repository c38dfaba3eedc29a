{{ config(
    unique_key=['theme_id', 'week_start_on'],
    meta={'changed': 'week_start_on', 'period': 'week', 'order_by': 'week_start_on, theme_id'}
) }}

{{ theme_over_time('week_start_on', 'week') }}
