-- One row per article and theme that it mentions, including parent themes, in the weeks and months
-- with a changed day.
{{ config(materialized='table', database='memory') }}

-- Include whole months and weeks, because the weekly and monthly tables also count from here. A
-- week can cross a month boundary.
with affected_days as (
    select distinct
        unnest(generate_series(
            least(week_start_on, month_start_on),
            greatest(week_start_on + 6, last_day(month_start_on)),
            interval 1 day
        ))::date as published_on
    from {{ ref('int_changed_days') }}
),

article_themes as (
    select article_themes.* from {{ ref('article_themes') }} as article_themes
    semi join affected_days on article_themes.published_on = affected_days.published_on
    -- An article with a future date is not counted until that day.
    semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
)

select
    article_themes.theme_id,
    article_themes.article_id,
    stories.story_id,
    article_themes.publisher_id,
    article_themes.published_on,
    article_themes.language,
    article_themes.is_about
from article_themes
inner join {{ ref('article_stories') }} as stories on article_themes.article_id = stories.article_id
