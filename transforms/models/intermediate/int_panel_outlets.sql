-- One row per outlet whose last 28 days and the 28 days before can be compared: at least 14 days of
-- each period were covered.
{{ config(materialized='view') }}

with days as (
    select
        publisher_id,
        published_on > max(published_on) over () - 28 as is_now
    from {{ ref('outlet_daily') }}
    where not is_gap
    qualify published_on > max(published_on) over () - 56
)

select publisher_id
from days
group by publisher_id
having count(*) filter (where is_now) >= 14 and count(*) filter (where not is_now) >= 14
