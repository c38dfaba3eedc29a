-- One row per counted article with a date that has begun, with the event that it reports. An event
-- has the ID of its first article.
{{ config(
    unique_key='article_id',
    scope='int_event_days_to_track',
    scope_on='event_day_on',
    scope_bounds='event_day_on',
    order_by='event_day_on, event_id, article_id'
) }}

{% set memory_days = 14 %}

with days as (
    select * from {{ ref('int_event_days_to_track') }}
),

last_events as (
    {{ last_rows(
        'article_events', {'article_id': 'uuid', 'event_id': 'uuid', 'event_day_on': 'date'},
        'marts'
    ) }}
),

event_groups as (
    select
        event_groups.*,
        last_events.event_id
    from {{ ref('int_event_groups') }} as event_groups
    left join last_events on event_groups.cluster_id = last_events.article_id
    where event_groups.event_day_on >= (select min(days.first_on) from days) - {{ memory_days }}
),

tracked as (
    select
        unnest(track_events(
            list((event_day_on - date '1970-01-01')::integer order by event_day_on, group_id),
            list(cluster_id::varchar order by event_day_on, group_id),
            list(language order by event_day_on, group_id),
            list(publisher_ids order by event_day_on, group_id),
            list(story_ids order by event_day_on, group_id),
            list(len(article_ids)::integer order by event_day_on, group_id),
            list(terms order by event_day_on, group_id),
            list(weights order by event_day_on, group_id),
            list(event_id::varchar order by event_day_on, group_id),
            any_value((select (min(days.first_on) - date '1970-01-01')::integer from days)),
            any_value((select (max(days.last_on) - date '1970-01-01')::integer from days))
        )) as found
    from event_groups
),

members as (
    select
        event_groups.cluster_id,
        event_groups.event_day_on,
        unnest(event_groups.article_ids) as article_id,
        unnest(event_groups.similarities) as similarity
    from event_groups
    semi join days on event_groups.event_day_on = days.event_day_on
)

select
    members.article_id,
    tracked.found.event_id::uuid as event_id,
    members.similarity,
    members.event_day_on
from members
inner join tracked on members.cluster_id = tracked.found.cluster_id::uuid
