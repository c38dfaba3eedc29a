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
    group by series, month
)

-- Rounding removes differences caused by the summation order of outlets.
select
    standardised.series.theme_id,
    standardised.month as month_start_on,
    standardised.series.baseline_id,
    round(standardised.unweighted, 10) as standardised_index,
    round(standardised.weighted, 10) as weighted_index,
    round(pooled.index, 10) as pooled_index,
    outlets.outlet_count,
    theme_monthly.covered_days,
    theme_monthly.is_complete
from standardised_index_by_baseline('counts') as standardised
inner join pooled_index_by_baseline('counts') as pooled using (series, month)
inner join outlets using (series, month)
inner join {{ ref('theme_monthly') }} as theme_monthly
    on
        standardised.series.theme_id = theme_monthly.theme_id
        and standardised.month = theme_monthly.month_start_on
