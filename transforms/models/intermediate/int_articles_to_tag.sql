-- One row per article whose mentions changed: the article changed, or was annotated again.
{{ config(materialized='table', database='memory') }}

with annotated as (
    {{ changes_of(source('annotations', 'articles'), 'article_id') }}
),

to_tag as (
    select
        article_id,
        seen_from,
        seen_until
    from {{ ref('int_changed_articles') }}
    union all
    select
        article_id,
        first_seen_at as seen_from,
        first_seen_at as seen_until
    from {{ ref('stg_articles') }}
    where
        {{ 'true' if is_whole('int_articles_to_tag') else 'false' }}
        or article_id in (select article_id from annotated)
)

select
    article_id,
    min(seen_from) as seen_from,
    max(seen_until) as seen_until
from to_tag
group by article_id
