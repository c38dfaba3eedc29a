-- One row per event whose row in events is built again: its articles, or their themes, statements
-- or stories changed, or it was not over at the last build.
{{ config(materialized='table', database='memory') }}

with article_events as (
    select * from {{ ref('article_events') }}
),

changed_articles as (
    select article_id from {{ ref('int_changed_articles') }}
    union
    {{ changes_of(ref('article_themes'), 'article_id') }}
    union
    {{ changes_of(ref('statements'), 'article_id') }}
    union
    {{ changes_of(ref('article_stories'), 'article_id') }}
),

last_events as (
    {{ last_rows('events', {'event_id': 'uuid', 'is_over': 'boolean'}, 'marts') }}
)

{{ changes_of(ref('article_events'), 'event_id') }}
union
select article_events.event_id
from article_events
semi join changed_articles on article_events.article_id = changed_articles.article_id
union
select event_id from last_events
where not is_over or {{ 'false' if knows_changes() else 'true' }}
union
select event_id from article_events
where {{ 'true' if is_whole('int_events_to_describe') or not knows_changes() else 'false' }}
