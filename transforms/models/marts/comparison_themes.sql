-- One row per comparison series with a theme, period (week, month) and start, from the first to the
-- last common period.
{{ config(unique_key=['series_id', 'period', 'period_start_on']) }}

with themes as (
    select
        theme_id,
        'week' as period,
        week_start_on as period_start_on,
        case when is_complete then about_share end as theme_share
    from {{ ref('theme_weekly') }}
    union all
    select
        theme_id,
        'month' as period,
        month_start_on as period_start_on,
        case when is_complete then about_share end as theme_share
    from {{ ref('theme_monthly') }}
),

paired as (
    select
        series.series_id,
        themes.theme_id,
        themes.period,
        themes.period_start_on,
        themes.theme_share,
        periods.value as comparison_value
    from {{ source('ref', 'comparison_series') }} as series
    inner join themes on series.theme_id = themes.theme_id
    left join {{ ref('comparison_periods') }} as periods
        on
            series.series_id = periods.series_id
            and themes.period = periods.period
            and themes.period_start_on = periods.period_start_on
),

bounds as (
    select
        series_id,
        period,
        min(period_start_on) as first_on,
        max(period_start_on) as last_on
    from paired
    where theme_share is not null and comparison_value is not null
    group by series_id, period
),

ranged as (
    select
        paired.*,
        bounds.first_on as baseline_from,
        bounds.last_on as baseline_until
    from paired
    inner join bounds
        on
            paired.series_id = bounds.series_id
            and paired.period = bounds.period
            and paired.period_start_on between bounds.first_on and bounds.last_on
),

-- Both series have a mean of 100 over these periods, with the formula of the index for a single
-- "outlet" with n_all = 1.
counts as (
    select
        { 'series_id': series_id, 'period': period, 'is_theme': is_theme } as series,
        period_start_on as month,
        null as outlet,
        1.0::double as n_all,
        n_hit,
        true as is_baseline
    from (
        select *, true as is_theme, theme_share as n_hit from ranged
        union all
        select *, false as is_theme, comparison_value as n_hit from ranged
    ) as sides
),

indices as (
    select
        series.*,
        month,
        index
    from pooled_index_by_baseline('counts')
)

select
    ranged.series_id,
    ranged.period,
    ranged.period_start_on,
    ranged.theme_id,
    ranged.theme_share,
    ranged.comparison_value,
    round(max(indices.index) filter (indices.is_theme), 10) as theme_index,
    round(max(indices.index) filter (not indices.is_theme), 10) as comparison_index
from ranged
inner join indices
    on
        ranged.series_id = indices.series_id
        and ranged.period = indices.period
        and ranged.period_start_on = indices.month
group by all
