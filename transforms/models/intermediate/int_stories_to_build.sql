-- One row per story that an article joined or left, or in which an article changed.
{{ config(materialized='table', database='memory') }}

with to_cluster as (
    select * from {{ ref('int_articles_to_cluster') }}
),

article_stories as (
    select * from {{ ref('article_stories') }}
)

-- A story has the ID of one of its articles. The changed articles' own IDs therefore include stories that no longer exist.
select article_id as story_id from to_cluster
union
select article_stories.story_id
from article_stories
semi join to_cluster on article_stories.article_id = to_cluster.article_id
union
{{ changed_by_interrupted_run(ref('article_stories'), 'story_id') }}
