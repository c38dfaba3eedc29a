-- One row per article whose story may have changed: the new and changed ones, those now linked to them, and all of their stories.
{{ config(materialized='table', database='memory') }}

with to_link as (
    select * from {{ ref('int_articles_to_link') }}
),

edges as (
    select * from {{ ref('int_story_edges') }}
),

before as (
    {{ last_run('article_stories', {'article_id': 'uuid', 'story_id': 'uuid'}, 'marts') }}
),

touched as (
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

stories as (
    select distinct before.story_id
    from before
    semi join touched on before.article_id = touched.article_id
),

final as (
    select article_id from touched
    union
    select before.article_id
    from before
    semi join stories on before.story_id = stories.story_id
)

select article_id from final
