-- One row per article whose story may have changed: new and changed articles, articles linked to them, and all articles in
-- their stories.
{{ config(materialized='table', database='memory') }}

with to_link as (
    select * from {{ ref('int_articles_to_link') }}
),

edges as (
    select * from {{ ref('int_story_edges') }}
),

previous_stories as (
    {{ last_run('article_stories', {'article_id': 'uuid', 'story_id': 'uuid'}, 'marts') }}
),

linked as (
    select article_id from to_link
    union
    select edges.other_article_id as article_id
    from edges
    semi join to_link on edges.article_id = to_link.article_id
    union
    select edges.article_id
    from edges
    semi join to_link on edges.other_article_id = to_link.article_id
),

affected_stories as (
    select distinct previous_stories.story_id
    from previous_stories
    semi join linked on previous_stories.article_id = linked.article_id
)

select article_id from linked
union
select previous_stories.article_id
from previous_stories
semi join affected_stories on previous_stories.story_id = affected_stories.story_id
