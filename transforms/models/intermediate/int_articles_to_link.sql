-- One row per article whose story edges must be computed again: all articles to tag, except those selected only because the
-- word list changed. The word list does not affect stories.
{{ config(materialized='table', database='memory') }}

select
    article_id,
    seen_from,
    seen_until
from {{ ref('int_articles_to_tag') }}
where is_article_changed
