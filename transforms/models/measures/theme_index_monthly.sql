{{ config(
    unique_key=['theme_id', 'month_start_on', 'baseline_id'],
    meta={'order_by': 'baseline_id'}
) }}

with counts as (
    select
        { 'theme_id': theme_id, 'baseline_id': baseline_id } as series,
        publisher_id as outlet,
        month_start_on as month,
        -- A month without covered days or articles is unknown. Its share is null, not zero.
        nullif(total_count, 0)::double as n_all,
        article_count::double as n_hit,
        month between coalesce(valid_from, month) and coalesce(valid_to, month) as is_baseline
    from {{ ref('int_theme_outlet_months') }} as outlet_months
    cross join {{ source('ref', 'baselines') }}
),

outlets as (
    select
        series, month,
        count(n_all) as outlet_count
    from counts
    group by all
)

-- Rounding removes differences caused by the summation order of outlets.
select
    indices.series.theme_id,
    month as month_start_on,
    indices.series.baseline_id,
    round(unweighted, 10) as standardised_index,
    round(weighted, 10) as weighted_index,
    round(index, 10) as pooled_index,
    outlets.outlet_count, covered_days, is_complete
from indices_by_baseline('counts') as indices
inner join outlets using (series, month)
inner join {{ ref('theme_monthly') }}
    on indices.series.theme_id = theme_monthly.theme_id and month = month_start_on
