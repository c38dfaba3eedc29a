-- One row per day whose articles are grouped by event again: one of its articles or their stories changed.
{{ config(materialized='table', database='memory') }}

with event_terms as (
    select * from {{ ref('int_event_terms') }}
),

changed_stories as (
    {{ changes_of(ref('article_stories'), 'article_id') }}
),

changed as (
    {{ changes_of(ref('int_event_terms'), 'event_day_on') }}
    union
    select event_terms.event_day_on
    from event_terms
    semi join changed_stories on event_terms.article_id = changed_stories.article_id
    union
    select event_day_on from event_terms
    where {{ 'true' if is_whole('int_event_days') else 'false' }}
)

select
    event_day_on,
    date_trunc('month', event_day_on)::date as month_start_on
from changed
