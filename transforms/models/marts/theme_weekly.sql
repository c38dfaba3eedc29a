{{ config(
    unique_key=['theme_id', 'week_start_on'],
    meta={'changed': 'week_start_on', 'period': 'week'}
) }}

{{ theme_over_time('week_start_on', 'week') }}
