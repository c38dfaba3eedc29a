-- One row per day whose articles are grouped by event again: one of its articles or their stories
-- changed, or the day began.
{{ config(materialized='table', database='memory') }}

with event_terms as (
    select *, {{ has_begun('event_day_on', as_of()) }} as has_begun
    from {{ source('annotations', 'terms') }}
),

begun_terms as (
    select * from event_terms
    where has_begun
),

changed_stories as (
    {{ changes_of(ref('article_stories'), 'article_id') }}
),

grouped as (
    select
        event_day_on,
        unnest(article_ids) as article_id
    from ({{ last_rows('int_event_groups', {'event_day_on': 'date', 'article_ids': 'uuid[]'}) }})
    where {{ 'false' if knows_changes() else 'true' }}
),

-- If changes are unknown, as after tidings forget, these days differ from the groups of the last
-- build.
different as (
    select
        coalesce(grouped.event_day_on, event_terms.event_day_on) as event_day_on
    from begun_terms as event_terms
    full join grouped on event_terms.article_id = grouped.article_id
    where
        {{ 'false' if knows_changes() else 'true' }}
        and event_terms.event_day_on is distinct from grouped.event_day_on
),

changed as (
    select event_day_on from different
    union
    {{ changes_of(source('annotations', 'terms'), 'event_day_on') }}
    union
    select event_terms.event_day_on
    from event_terms
    semi join changed_stories on event_terms.article_id = changed_stories.article_id
    union
    select event_day_on from event_terms
    where has_begun != ({{ has_begun('event_day_on', last_as_of()) }})
    union
    select event_day_on from event_terms
    where {{ 'true' if is_whole('int_event_days_to_group') else 'false' }}
)

select
    event_day_on,
    date_trunc('month', event_day_on)::date as month_start_on
from changed
