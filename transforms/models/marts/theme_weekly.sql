-- One row per theme and ISO week, which starts on Monday, over all outlets.
{{ config(
    unique_key=['theme_id', 'week_start_on'],
    scope='int_changed_days',
    scope_on='week_start_on',
    order_by='week_start_on, theme_id'
) }}

{{ theme_over_time('week_start_on', bucket_week) }}
