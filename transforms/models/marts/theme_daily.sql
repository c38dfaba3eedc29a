-- One row per theme and day, over all outlets.
{{ config(
    unique_key=['theme_id', 'published_on'],
    scope='int_changed_days',
    scope_on='published_on',
    order_by='published_on, theme_id'
) }}

{{ theme_over_time('published_on', bucket_day) }}
