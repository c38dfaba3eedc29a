-- One row per theme and month: how evenly the theme's articles are distributed over outlets.
{{ config(
    unique_key=['theme_id', 'month_start_on'],
    scope='int_changed_days',
    scope_on='month_start_on',
    order_by='month_start_on, theme_id'
) }}

with changed_days as (
    select distinct month_start_on from {{ ref('int_changed_days') }}
)

select
    outlet_months.theme_id,
    outlet_months.month_start_on,
    sum(outlet_months.article_count)::bigint as article_count,
    count(*) filter (where outlet_months.article_count > 0) as theme_outlet_count,
    count(*) filter (where outlet_months.total_count > 0) as outlet_count,
    round({{ hhi('outlet_months.article_count') }}, 12) as hhi,
    round({{ hhi('outlet_months.total_count') }}, 12) as total_hhi,
    round(1 / ({{ hhi('outlet_months.article_count') }}), 9) as effective_outlet_count
from {{ ref('int_theme_outlet_months') }} as outlet_months
semi join changed_days on outlet_months.month_start_on = changed_days.month_start_on
group by outlet_months.theme_id, outlet_months.month_start_on
