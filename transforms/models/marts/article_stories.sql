-- One row per counted article, with the story to which it belongs. A story has the ID of its first
-- article.
{{ config(
    unique_key='article_id',
    scope='int_articles_to_cluster',
    scope_on='article_id',
    order_by='story_id, article_id'
) }}

-- noqa: disable=PRS
-- The linter cannot parse `using key`, with which the recursion keeps one row per key.
with recursive articles as (
    select * from {{ ref('stg_articles') }}
    where excluded_reason is null
),

members as (
    select
        articles.article_id,
        -- The first article identifies the story. Order by day, time, first-seen time and finally
        -- ID, so the choice is always the same.
        row_number() over (
            order by
                coalesce(articles.published_on, articles.first_seen_at::date),
                articles.published_at nulls last,
                articles.first_seen_at,
                articles.article_id
        ) as rank
    from articles
    semi join {{ ref('int_articles_to_cluster') }} as to_cluster on articles.article_id = to_cluster.article_id
),

links as (
    select
        base.rank,
        other.rank as other_rank
    from {{ ref('int_story_edges') }} as edges
    inner join members as base on edges.article_id = base.article_id
    inner join members as other on edges.other_article_id = other.article_id
),

neighbours as (
    select rank, other_rank from links
    union
    select other_rank as rank, rank as other_rank from links
),

-- Pass the lowest rank along the links until no rank changes (connected components by label
-- propagation).
labels (rank, lowest) using key (rank) as (
    select
        rank,
        rank as lowest
    from members
    union
    select
        neighbours.other_rank as rank,
        min(labels.lowest) as lowest
    from labels
    inner join neighbours on labels.rank = neighbours.rank
    inner join recurring.labels as current_label on neighbours.other_rank = current_label.rank
    where labels.lowest < current_label.lowest
    group by neighbours.other_rank
)

select
    members.article_id,
    first_articles.article_id as story_id
from members
inner join labels on members.rank = labels.rank
inner join members as first_articles on labels.lowest = first_articles.rank
