-- One row per day with an article that changed, or whose themes or story changed, including the
-- days that articles left.
{{ config(materialized='table', database='memory') }}

with changed_stories as (
    {{ changes_of(ref('article_stories'), 'article_id') }}
),

final as (
    {{ changes_of(ref('int_article_themes'), 'published_on') }}
    union
    select article_themes.published_on
    from {{ ref('int_article_themes') }} as article_themes
    semi join changed_stories on article_themes.article_id = changed_stories.article_id
    union
    select published_on from {{ ref('int_article_themes') }} as article_themes
    where {{ 'true' if is_whole('int_days_to_count') else 'false' }}
)

select published_on from final
where published_on is not null
