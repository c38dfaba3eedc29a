-- One row per article that was written or deleted since the last completed run, for each day and first-seen time that it has or
-- had.
{{ config(materialized='table', database='memory') }}

{{ changed_since_last_run(source('core', 'articles'), 'article_id, published_on, first_seen_at') }}
