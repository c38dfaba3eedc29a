-- One row per article that was written or deleted since the last run that came to its end, and day that it is or was on.
{{ config(materialized='table', database='memory') }}

{{ changed_since_built(source('core', 'articles'), 'article_id, published_on') }}
