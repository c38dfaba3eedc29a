{{ config(
    unique_key=['theme_id', 'published_on'],
    meta={'changed': 'published_on', 'order_by': 'published_on, theme_id'}
) }}

{{ theme_over_time('published_on', 'day') }}
