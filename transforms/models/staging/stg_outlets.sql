-- One row per publisher that has an article or a source, with its time zone.
with outlets as (
    select publisher_id from {{ source('core', 'articles') }}
    union
    select publisher_id from {{ ref('stg_polls') }}
)

select
    outlets.publisher_id,
    coalesce(publishers.time_zone, 'UTC') as time_zone
from outlets
left join {{ source('ref', 'publishers') }} as publishers
    on outlets.publisher_id = publishers.publisher_id
where outlets.publisher_id is not null
