-- One row per theme, month and named baseline: indices with a mean of 100 over the baseline.
{{ config(
    unique_key=['theme_id', 'month_start_on', 'baseline_id'],
    meta={'order_by': 'baseline_id, theme_id, month_start_on'}
) }}

with counts as (
    select
        { 'theme_id': outlet_months.theme_id, 'baseline_id': baselines.baseline_id } as series,
        outlet_months.publisher_id as outlet,
        outlet_months.month_start_on as month,
        -- A month without covered days or articles is unknown. Its share is null, not zero.
        nullif(outlet_months.total_count, 0)::double as n_all,
        outlet_months.article_count::double as n_hit,
        month >= coalesce(baselines.valid_from, month)
        and month <= coalesce(baselines.valid_to, month) as is_baseline
    from {{ ref('int_theme_outlet_months') }} as outlet_months
    cross join {{ source('ref', 'baselines') }} as baselines
),

outlets as (
    select
        series,
        month,
        count(n_all) as outlet_count
    from counts
    group by all
)

-- Rounding removes differences caused by the summation order of outlets.
select
    indices.series.theme_id,
    indices.month as month_start_on,
    indices.series.baseline_id,
    round(indices.unweighted, 10) as standardised_index,
    round(indices.weighted, 10) as weighted_index,
    round(indices.index, 10) as pooled_index,
    outlets.outlet_count,
    theme_monthly.covered_days,
    theme_monthly.is_complete
from indices_by_baseline('counts') as indices
inner join outlets using (series, month)
inner join {{ ref('theme_monthly') }} as theme_monthly
    on
        indices.series.theme_id = theme_monthly.theme_id
        and indices.month = theme_monthly.month_start_on
