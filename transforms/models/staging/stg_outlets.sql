-- One row per publisher that has an article or a source, with its time zone.
with articles as (
    select * from {{ source('core', 'articles') }}
),

polls as (
    select * from {{ ref('stg_polls') }}
),

publishers as (
    select * from {{ source('ref', 'publishers') }}
),

outlets as (
    select publisher_id from articles
    union
    select publisher_id from polls
)

select
    outlets.publisher_id,
    coalesce(publishers.name, outlets.publisher_id) as name,
    publishers.country,
    publishers.publisher_type,
    coalesce(publishers.time_zone, 'UTC') as time_zone
from outlets
left join publishers on outlets.publisher_id = publishers.publisher_id
where outlets.publisher_id is not null
