-- One row per article and policy area: a major topic of the Comparative Agendas Project.
{{ config(
    unique_key=['article_id', 'area_id'],
    meta={'changed': 'published_on', 'order_by': 'published_on, article_id, area_rank'}
) }}

with own_themes as (
    select * from {{ ref('article_themes') }}
    where {{ is_changed('published_on') }}
)

{{ rank_areas('own_themes', ref('stg_themes'), ['publisher_id', 'published_on', 'language']) }}
