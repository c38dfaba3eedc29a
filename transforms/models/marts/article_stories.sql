-- One row per article that counts: the story that it belongs to, named by the first of its articles.
{{ config(
    unique_key='article_id',
    scope='int_articles_to_cluster',
    scope_on='article_id',
    order_by='story_id, article_id'
) }}

-- noqa: disable=PRS
-- The recursion keeps one row a key (`using key`), which sqlfluff cannot read.
with recursive articles as (
    select * from {{ ref('stg_articles') }}
    where excluded_reason is null
),

to_cluster as (
    select * from {{ ref('int_articles_to_cluster') }}
),

edges as (
    select * from {{ ref('int_story_edges') }}
),

members as (
    select
        articles.article_id,
        -- The first of a story names it: by day, instant, first sight, and last by id, so that the choice is always the same.
        row_number() over (
            order by
                coalesce(articles.published_on, articles.first_seen_at::date),
                articles.published_at nulls last,
                articles.first_seen_at,
                articles.article_id
        ) as rank
    from articles
    semi join to_cluster on articles.article_id = to_cluster.article_id
),

links as (
    select
        one.rank,
        other.rank as other_rank
    from edges
    inner join members as one on edges.article_id = one.article_id
    inner join members as other on edges.other_article_id = other.article_id
),

both_ways as (
    select rank, other_rank from links
    union
    select other_rank as rank, rank as other_rank from links
),

-- Each article hears the lowest rank of those linked to it, until none hears a lower one.
heard (rank, lowest) using key (rank) as (
    select
        rank,
        rank as lowest
    from members
    union
    select
        both_ways.other_rank as rank,
        min(heard.lowest) as lowest
    from heard
    inner join both_ways on heard.rank = both_ways.rank
    inner join recurring.heard as known on both_ways.other_rank = known.rank
    where heard.lowest < known.lowest
    group by both_ways.other_rank
),

final as (
    select
        members.article_id,
        firsts.article_id as story_id
    from members
    inner join heard on members.rank = heard.rank
    inner join members as firsts on heard.lowest = firsts.rank
)

select
    article_id,
    story_id
from final
