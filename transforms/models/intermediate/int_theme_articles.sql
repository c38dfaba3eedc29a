-- One row per counted article and theme that it mentions, including parent themes, on a day of its
-- outlet: the numerator of all theme tables.
{{ config(materialized='view') }}

select
    article_themes.theme_id,
    article_themes.article_id,
    stories.story_id,
    article_themes.publisher_id,
    article_themes.published_on,
    article_themes.language,
    article_themes.is_about
from {{ ref('article_themes') }} as article_themes
-- An article with a future date is not counted until that day.
semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
inner join {{ source('annotations', 'stories') }} as stories
    on article_themes.article_id = stories.article_id
