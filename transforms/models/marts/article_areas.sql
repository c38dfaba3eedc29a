-- One row per article and policy area: a major topic of the Comparative Agendas Project.
{{ config(
    unique_key=['article_id', 'area_id'],
    scope='int_articles_to_assign',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, area_rank'
) }}

with own_themes as (
    select article_themes.* from {{ ref('article_themes') }} as article_themes
    semi join {{ ref('int_articles_to_assign') }} as to_assign
        on article_themes.article_id = to_assign.article_id
    where
        {{ bounds(
            ref('article_themes'), 'published_on', ref('int_articles_to_assign'),
            name='article_themes.published_on'
        ) }}
)

{{ rank_areas('own_themes', ref('stg_themes'), ['publisher_id', 'published_on', 'language']) }}
