-- One row per article and theme that it mentions, including parent themes, and whether the article
-- is about the theme.
{{ config(
    unique_key=['article_id', 'theme_id'],
    meta={'changed': 'published_on', 'order_by': 'published_on, article_id, theme_id'}
) }}

with mentions as (
    select * from {{ source('annotations', 'mentions') }}
    where {{ is_changed('published_on') }}
)

{{ assign_themes('mentions', ref('stg_themes'), ['publisher_id', 'published_on', 'language']) }}
