{{ config(materialized='view') }}

with days as (
    select
        publisher_id, published_on,
        published_on > max(published_on) over () - 28 as is_now
    from {{ ref('outlet_daily') }}
    where not is_gap
    qualify published_on > max(published_on) over () - 56
)

select
    *,
    count(*) filter (is_now) over outlet >= 14
    and count(*) filter (not is_now) over outlet >= 14 as is_panel
from days
window outlet as (partition by publisher_id)
