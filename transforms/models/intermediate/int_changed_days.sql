-- One row per day whose fingerprint changed since the theme tables were last built. Late articles, corrections and backfills
-- all change the fingerprint.
{{ config(materialized='table', database='memory') }}

with day_keys as (
    select * from {{ ref('int_day_keys') }}
),

built_days as (
    {{ last_run('int_built_days', {'published_on': 'date', 'day_key': 'ubigint'}) }}
),

final as (
    select coalesce(day_keys.published_on, built_days.published_on) as published_on
    from day_keys
    full join built_days on day_keys.published_on = built_days.published_on
    where day_keys.day_key is distinct from built_days.day_key
)

select
    published_on,
    date_trunc('week', published_on)::date as week_start_on,
    date_trunc('month', published_on)::date as month_start_on
from final
