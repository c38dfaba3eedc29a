-- One row per article that was written or deleted since the last run that came to its end, with a day and a first sight of it,
-- those that it had and those that it has.
{{ config(materialized='table', database='memory') }}

{{ changed_since_built(source('core', 'articles'), 'article_id, published_on, first_seen_at') }}
