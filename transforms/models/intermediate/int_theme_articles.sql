-- One row per article and theme for which it counts, including parent themes, in the weeks and months with a changed day. An
-- article with several phrases of a theme has one row.
{{ config(materialized='table', database='memory') }}

with article_themes as (
    select * from {{ ref('int_article_themes') }}
    where is_counted and published_on is not null
),

changed_days as (
    select * from {{ ref('int_changed_days') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

stories as (
    select * from {{ ref('article_stories') }}
),

-- Include whole months and weeks, because the weekly and monthly tables also count from here. A week can cross a month
-- boundary.
affected_days as (
    select distinct
        unnest(generate_series(
            least(week_start_on, month_start_on),
            greatest(week_start_on + 6, last_day(month_start_on)),
            interval 1 day
        ))::date as published_on
    from changed_days
),

own_themes as (
    select
        article_themes.article_id,
        article_themes.publisher_id,
        article_themes.published_on,
        unnest(article_themes.theme_ids) as own_theme_id
    from article_themes
    semi join affected_days on article_themes.published_on = affected_days.published_on
    -- An article with a future date is not counted until that day.
    semi join outlet_daily
        on
            article_themes.publisher_id = outlet_daily.publisher_id
            and article_themes.published_on = outlet_daily.published_on
),

counted as (
    select distinct
        own_themes.article_id,
        own_themes.publisher_id,
        own_themes.published_on,
        unnest(themes.counted_theme_ids) as theme_id
    from own_themes
    inner join themes on own_themes.own_theme_id = themes.theme_id
)

select
    counted.theme_id,
    counted.article_id,
    stories.story_id,
    counted.publisher_id,
    counted.published_on
from counted
inner join stories on counted.article_id = stories.article_id
