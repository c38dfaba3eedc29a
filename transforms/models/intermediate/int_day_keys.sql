-- One row per day, with a fingerprint of everything that the theme tables use: the articles, their mentions and stories, the
-- counts and gaps of the outlets, whether the day, week and month are over, the theme tree, and the project's SQL.
{{ config(materialized='table', database='memory') }}

with article_days as (
    select * from {{ ref('int_article_days') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

outlet_days as (
    select * from {{ ref('int_outlet_days') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

tree as (
    select hash(bit_xor(hash(theme_id, counted_theme_ids)), getvariable('transforms_version')) as tree_key
    from themes
),

by_article as (
    select
        published_on,
        bit_xor(articles_key) as articles_key
    from article_days
    group by published_on
),

by_outlet as (
    select
        outlet_daily.published_on,
        bit_xor(hash(
            outlet_daily.publisher_id,
            outlet_daily.article_count,
            outlet_daily.story_count,
            outlet_daily.is_gap,
            outlet_daily.is_complete,
            outlet_days.is_over
        )) as outlets_key
    from outlet_daily
    inner join outlet_days
        on outlet_daily.publisher_id = outlet_days.publisher_id and outlet_daily.published_on = outlet_days.published_on
    group by outlet_daily.published_on
),

starts as (
    select
        published_on,
        outlets_key,
        {{ bucket_week('published_on') }} as week_start_on,
        {{ bucket_month('published_on') }} as month_start_on
    from by_outlet
),

-- A week or month can end later than its last day with data. Only the fingerprint of that last day includes the end, so the
-- other days are not built again.
by_day as (
    select
        published_on,
        hash(
            outlets_key,
            published_on = max(published_on) over (partition by week_start_on)
            and {{ as_of() }} >= {{ time_end('week_start_on', 'week_start_on') }},
            published_on = max(published_on) over (partition by month_start_on)
            and {{ as_of() }} >= {{ time_end('month_start_on', 'month_start_on') }}
        ) as outlets_key
    from starts
)

select
    by_day.published_on,
    hash(by_day.outlets_key, by_article.articles_key, tree.tree_key) as day_key
from by_day
cross join tree
left join by_article on by_day.published_on = by_article.published_on
