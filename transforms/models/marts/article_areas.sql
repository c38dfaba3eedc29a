{{ config(unique_key=['article_id', 'area_id'], meta={'changed': 'published_on'}) }}

with own_themes as (
    from {{ ref('article_themes') }}
    where {{ is_changed('published_on') }}
)

select
    areas.*,
    publisher_id, published_on, language
from rank_areas('own_themes', '{{ ref('stg_themes') }}') as areas
inner join own_themes
    on areas.article_id = own_themes.article_id and area_id = theme_id
