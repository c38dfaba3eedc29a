-- One row per theme, outlet and month, covered days only: the input of the indices and of
-- concentration.
{{ config(
    unique_key=['theme_id', 'publisher_id', 'month_start_on'],
    scope='int_changed_days',
    scope_on='month_start_on',
    order_by='month_start_on, theme_id, publisher_id'
) }}

with changed_days as (
    select * from {{ ref('int_changed_days') }}
),

-- The explicit bounds let the lake skip files. The semi join alone does not.
days as (
    select
        *,
        date_trunc('month', published_on)::date as month_start_on
    from {{ ref('theme_outlet_daily') }}
    where
        published_on >= (select min(changed_days.month_start_on) from changed_days)
        and published_on <= (select last_day(max(changed_days.month_start_on)) from changed_days)
)

select
    days.theme_id,
    days.publisher_id,
    days.month_start_on,
    coalesce(sum(days.article_count) filter (where not days.is_gap), 0)::bigint as article_count,
    coalesce(sum(days.total_count) filter (where not days.is_gap), 0)::bigint as total_count,
    sum(days.covered_days)::bigint as covered_days
from days
semi join changed_days on days.month_start_on = changed_days.month_start_on
group by days.theme_id, days.publisher_id, days.month_start_on
