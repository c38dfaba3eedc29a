-- One row per article and theme that it mentions, including parent themes, and whether the article
-- is about the theme.
{{ config(
    unique_key=['article_id', 'theme_id'],
    scope='int_articles_to_assign',
    scope_on='article_id',
    scope_bounds='published_on',
    order_by='published_on, article_id, theme_id'
) }}

with mentions as (
    select theme_mentions.* from {{ ref('theme_mentions') }} as theme_mentions
    semi join {{ ref('int_articles_to_assign') }} as to_assign
        on theme_mentions.article_id = to_assign.article_id
    where
        {{ bounds(
            ref('theme_mentions'), 'published_on', ref('int_articles_to_assign'),
            name='theme_mentions.published_on'
        ) }}
)

{{ assign_themes('mentions', ref('stg_themes'), ['publisher_id', 'published_on', 'language']) }}
