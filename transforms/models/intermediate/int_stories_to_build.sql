-- One row per story that an article joined, left or changed in.
{{ config(materialized='table', database='memory') }}

with to_cluster as (
    select * from {{ ref('int_articles_to_cluster') }}
),

article_stories as (
    select * from {{ ref('article_stories') }}
),

-- A story is named by one of its articles: what went on being a story, and what no longer is one.
final as (
    select article_id as story_id from to_cluster
    union
    select article_stories.story_id
    from article_stories
    semi join to_cluster on article_stories.article_id = to_cluster.article_id
    union
    {{ changed_by_killed_run(ref('article_stories'), 'story_id') }}
)

select story_id from final
