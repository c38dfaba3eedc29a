-- One row per theme and month: whether few outlets or many carry it.
{{ config(
    unique_key=['theme_id', 'month_start_on'],
    scope='int_changed_days',
    scope_on='month_start_on',
    order_by='month_start_on, theme_id'
) }}

with outlet_months as (
    select * from {{ ref('int_theme_outlet_months') }}
),

changed as (
    select distinct month_start_on from {{ ref('int_changed_days') }}
),

shares as (
    select
        outlet_months.*,
        outlet_months.article_count / nullif(sum(outlet_months.article_count) over theme_month, 0)::double as theme_share,
        outlet_months.total_count / nullif(sum(outlet_months.total_count) over theme_month, 0)::double as total_share
    from outlet_months
    semi join changed on outlet_months.month_start_on = changed.month_start_on
    window theme_month as (partition by outlet_months.theme_id, outlet_months.month_start_on)
),

-- Hirschman (1945) and Herfindahl (1950): the sum of squared shares, from 1/n, all alike, to 1, one alone.
final as (
    select
        theme_id,
        month_start_on,
        sum(article_count)::bigint as article_count,
        count(*) filter (where article_count > 0) as theme_outlet_count,
        count(*) filter (where total_count > 0) as outlet_count,
        round(sum(theme_share * theme_share), 12) as hhi,
        round(sum(total_share * total_share), 12) as total_hhi,
        round(1 / sum(theme_share * theme_share), 9) as effective_outlet_count
    from shares
    group by theme_id, month_start_on
)

select
    theme_id,
    month_start_on,
    article_count,
    theme_outlet_count,
    outlet_count,
    hhi,
    total_hhi,
    effective_outlet_count
from final
