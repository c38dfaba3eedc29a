-- One row per day with a fingerprint of all that the theme tables make of it: its articles, their themes and stories, the
-- outlets' counts and gaps, the tree of themes and this project's own SQL.
{{ config(materialized='table', database='memory') }}

with article_themes as (
    select * from {{ ref('int_article_themes') }}
    where published_on is not null
),

stories as (
    select * from {{ ref('article_stories') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
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
        article_themes.published_on,
        bit_xor(hash(
            article_themes.article_id,
            article_themes.publisher_id,
            article_themes.is_counted,
            article_themes.theme_ids,
            article_themes.source_key,
            stories.story_id
        )) as articles_key
    from article_themes
    left join stories on article_themes.article_id = stories.article_id
    group by article_themes.published_on
),

by_outlet as (
    select
        published_on,
        bit_xor(hash(publisher_id, article_count, story_count, is_gap, is_complete)) as outlets_key
    from outlet_daily
    group by published_on
),

final as (
    select
        by_outlet.published_on,
        hash(by_outlet.outlets_key, by_article.articles_key, tree.tree_key) as day_key
    from by_outlet
    cross join tree
    left join by_article on by_outlet.published_on = by_article.published_on
)

select
    published_on,
    day_key
from final
