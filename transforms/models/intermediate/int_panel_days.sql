-- One row per covered day of an outlet in the last 56 days: whether it is one of the last 28, and
-- whether both periods can be compared, because at least 14 days of each were covered.
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
    count(*) filter (where is_now) over outlet >= 14
    and count(*) filter (where not is_now) over outlet >= 14 as is_panel
from days
window outlet as (partition by publisher_id)
