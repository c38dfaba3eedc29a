{{ config(unique_key=['theme_id', 'published_on'], meta={'changed': 'published_on'}) }}

{{ theme_over_time('published_on', 'day') }}
