-- One row per article whose story may have changed: changed articles, articles with a changed link,
-- and all articles in their stories.
{{ config(materialized='table', database='memory') }}

with previous_stories as (
    {{ last_rows('article_stories', {'article_id': 'uuid', 'story_id': 'uuid'}, 'marts') }}
),

changed_edges as (
    {{ changes_of(ref('int_story_edges'), 'article_id, other_article_id') }}
),

linked as (
    select article_id from {{ ref('int_changed_articles') }}
    union
    select article_id from changed_edges
    union
    select other_article_id as article_id from changed_edges
    union
    select article_id from {{ ref('stg_articles') }}
    where {{ 'true' if is_whole('int_articles_to_cluster') or not knows_changes() else 'false' }}
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
