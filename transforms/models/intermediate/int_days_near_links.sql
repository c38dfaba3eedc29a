-- One row per day at most seven days before or after an article whose links to other articles are
-- computed again.
{{ config(materialized='table', database='memory') }}

with new_days as (
    select distinct coalesce(articles.published_on, articles.first_seen_at::date) as seen_on
    from {{ source('core', 'articles') }} as articles
    semi join {{ ref('int_articles_to_link') }} as to_link on articles.article_id = to_link.article_id
    where articles.excluded_reason is null
)

select distinct (new_days.seen_on + distance::integer)::date as seen_on
from new_days
cross join range(-{{ link_days() }}, {{ link_days() }} + 1) as distances (distance)
