-- One row per day of which an article or its story is looked at again in this run, as it was before and as it is now.
{{ config(materialized='table', database='memory') }}

with changed as (
    select * from {{ ref('int_changed_articles') }}
),

articles as (
    select * from {{ source('core', 'articles') }}
),

before as (
    {{ last_run('int_article_days', {'published_on': 'date'}) }}
),

touched as (
    select article_id from {{ ref('int_articles_to_tag') }}
    union
    select article_id from {{ ref('int_articles_to_cluster') }}
    union
    {{ changed_by_killed_run(ref('article_stories'), 'article_id') }}
),

final as (
    select published_on from changed
    union
    select articles.published_on
    from articles
    semi join touched on articles.article_id = touched.article_id
    union
    -- Where it is not known what changed, days that no article is on any more as well.
    select published_on from before
    where {{ 'false' if last_run_snapshots() else 'true' }}
)

select published_on from final
where published_on is not null
