-- One row per day with an article or story to process in this run, including the days of articles that moved or were deleted.
{{ config(materialized='table', database='memory') }}

with changed_articles as (
    select * from {{ ref('int_changed_articles') }}
),

articles as (
    select * from {{ source('core', 'articles') }}
),

previous_days as (
    {{ last_run('int_article_days', {'published_on': 'date'}) }}
),

to_process as (
    select article_id from {{ ref('int_articles_to_tag') }}
    union
    select article_id from {{ ref('int_articles_to_cluster') }}
    union
    {{ changed_by_interrupted_run(ref('article_stories'), 'article_id') }}
),

final as (
    select published_on from changed_articles
    union
    select articles.published_on
    from articles
    semi join to_process on articles.article_id = to_process.article_id
    union
    -- If the changes since the last completed run are unknown, include days that no longer have an article.
    select published_on from previous_days
    where {{ 'false' if last_run_snapshots() else 'true' }}
)

select published_on from final
where published_on is not null
