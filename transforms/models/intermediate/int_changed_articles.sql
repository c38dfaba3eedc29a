-- One row per article that was written or deleted since the last build, with its first-seen times,
-- old and new.
--
-- If the changes are unknown, these are the articles that differ from int_article_themes, in which
-- the last build stored a hash of each article.
{{ config(materialized='table', database='memory') }}

{% set is_known = knows_changes() %}

with articles as (
    select * from {{ ref('stg_articles') }}
    where {{ 'false' if is_known else 'true' }}
),

last_built as (
    select * from ({{ last_rows('int_article_themes', {'article_id': 'uuid', 'source_key': 'ubigint'}) }})
    where {{ 'false' if is_known else 'true' }}
),

changed as (
    select * from ({{ changes_of(source('core', 'articles'), 'article_id, first_seen_at') }})
    where {{ 'true' if is_known else 'false' }}
    union all
    select
        coalesce(articles.article_id, last_built.article_id) as article_id,
        articles.first_seen_at
    from articles
    full join last_built on articles.article_id = last_built.article_id
    where articles.source_key is distinct from last_built.source_key
)

select
    article_id,
    min(first_seen_at) as seen_from,
    max(first_seen_at) as seen_until
from changed
group by article_id
