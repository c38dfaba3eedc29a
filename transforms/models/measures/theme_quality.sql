{{ config(unique_key=['theme_id', 'language', 'period', 'measure']) }}

{% set least_count = 10 %}

with sums as (
    select
        theme_id, language, period, measure,
        sum(coded_count)::bigint as coded_count,
        sum(true_count)::bigint as true_count,
        sum(if(is_hit, coded_count, 0))::bigint as hit_count,
        sum(if(is_hit, true_count, 0))::bigint as true_hit_count,
        sum(true_weight) filter (is_hit)
        / nullif(sum(coded_weight) filter (is_hit), 0) as precision_share,
        -- Kish's effective number of hits.
        power(sum(coded_weight) filter (is_hit), 2)
        / nullif(sum(coded_squares) filter (is_hit), 0) as hits,
        precision_share * hits as true_hits
    from {{ ref('int_coding_counts') }}
    group by all
    having true_count + hit_count > 0
),

-- The groups of each period, and of all other periods, with which a quarter is compared.
groups as (
    select
        *,
        false as is_rest
    from {{ ref('int_coding_counts') }}
    where coded_count > 0
    union all
    select
        quarters.* replace (
            -- Rounded, so that no article has no weight.
            {%- for part in ['coded_weight', 'coded_squares', 'true_weight', 'true_squares'] %}
                round(whole.{{ part }} - quarters.{{ part }}, 9)
                    as {{ part }}{{ ',' if not loop.last }}
            {%- endfor %}
        ),
        true as is_rest
    from {{ ref('int_coding_counts') }} as quarters
    inner join {{ ref('int_coding_counts') }} as whole
        using (theme_id, language, measure, prediction)
    where
        quarters.period != 'all'
        and whole.period = 'all'
        and whole.coded_count > quarters.coded_count
),

relevant as (
    select
        {
            'theme_id': theme_id,
            'language': language,
            'period': period,
            'measure': measure,
            'is_rest': is_rest
        } as series,
        groups.*
    from groups
    semi join sums using (theme_id, language, period, measure)
),

rates as (
    select
        series.*,
        * exclude (series)
    from recall_rates('relevant')
),

-- z: the difference between a quarter and the others, in standard errors of the MOVER interval on
-- the side of zero.
tests as (
    select
        theme_id, language, period, measure,
        1.959964 * abs(own.recall - rest.recall) / nullif(if(
            own.recall > rest.recall,
            hypotenuse(own.recall - own.recall_low, rest.recall_high - rest.recall),
            hypotenuse(own.recall_high - own.recall, rest.recall - rest.recall_low)
        ), 0) as z,
        -- Holm's correction: the largest z is compared with the limit for all tests, and so on.
        row_number() over (partition by theme_id, language, measure order by z desc) as z_rank,
        count(*) over (partition by theme_id, language, measure) as test_count
    from sums
    inner join rates as own using (theme_id, language, period, measure)
    inner join rates as rest using (theme_id, language, period, measure)
    inner join sums as whole using (theme_id, language, measure)
    where
        period != 'all'
        and whole.period = 'all'
        and not own.is_rest
        and rest.is_rest
        and sums.true_count >= {{ least_count }}
        and whole.true_count - sums.true_count >= {{ least_count }}
),

results as (
    select
        theme_id, language,
        unnest([period, 'all']) as period,
        measure,
        bool_and(coalesce(z, 0) > normal_quantile((0.025 / (test_count - z_rank + 1))))
            over (partition by theme_id, language, measure order by z_rank) as is_different
    from tests
),

warnings as (
    select theme_id, language, period, measure, not bool_or(is_different) as is_recall_stable
    from results
    group by all
)

select
    theme_id, language, period, measure, coded_count, true_count, hit_count, true_hit_count,
    -- Rounded: sums in another order must not make a row differ.
    {%- for count, value, name in [
        ('true_count', 'rates.recall', 'recall'),
        ('true_count', 'rates.recall_low', 'recall_low'),
        ('true_count', 'rates.recall_high', 'recall_high'),
        ('hit_count', 'sums.precision_share', 'precision'),
        ('hit_count', 'jeffreys_low(sums.true_hits, sums.hits)', 'precision_low'),
        ('hit_count', 'jeffreys_high(sums.true_hits, sums.hits)', 'precision_high')
    ] %}
        if(sums.{{ count }} >= {{ least_count }}, round({{ value }}, 9), null) as {{ name }},
    {%- endfor %}
    is_recall_stable
from sums
inner join rates using (theme_id, language, period, measure)
left join warnings using (theme_id, language, period, measure)
where not is_rest
