-- Written by `python -m transforms.helpers` from transforms/macros/: do not change it by hand.

-- Hits over total; null where nothing was counted.
create or replace macro share(hits, total) as (hits / nullif(total, 0)::double);

-- Lower end of Wilson's 95 % interval of a share.
create or replace macro wilson_low(hits, total) as (case when total > 0 then greatest(0.0, least(1.0, (
        (hits / nullif(total, 0)::double) + 3.841458881296 / (2 * nullif(total, 0)::double)
        - 1.959964 * sqrt((hits / nullif(total, 0)::double) * (1 - (hits / nullif(total, 0)::double)) / nullif(total, 0)::double + 3.841458881296 / (4 * nullif(total, 0)::double * nullif(total, 0)::double))
    ) / (1 + 3.841458881296 / nullif(total, 0)::double))) end);

-- Upper end of Wilson's 95 % interval of a share.
create or replace macro wilson_high(hits, total) as (case when total > 0 then greatest(0.0, least(1.0, (
        (hits / nullif(total, 0)::double) + 3.841458881296 / (2 * nullif(total, 0)::double)
        + 1.959964 * sqrt((hits / nullif(total, 0)::double) * (1 - (hits / nullif(total, 0)::double)) / nullif(total, 0)::double + 3.841458881296 / (4 * nullif(total, 0)::double * nullif(total, 0)::double))
    ) / (1 + 3.841458881296 / nullif(total, 0)::double))) end);

-- Normalised pointwise mutual information of two things, from their counts.
create or replace macro npmi(pair_count, one_count, other_count, total) as (case
        when pair_count = total then 1.0
        when pair_count > 0
            then round(ln(pair_count * total::double / (one_count::double * other_count)) / -ln(pair_count / total::double), 12)
    end);

-- Log-odds ratio with a Dirichlet prior: y of n words, a of a0 prior ones.
create or replace macro log_odds(y1, n1, y2, n2, a, a0) as ((
        ln((y1 + a) / (n1 + a0 - y1 - a))
        - ln((y2 + a) / (n2 + a0 - y2 - a))
    ));

-- The same in standard errors.
create or replace macro log_odds_z(y1, n1, y2, n2, a, a0) as ((
        ln((y1 + a) / (n1 + a0 - y1 - a))
        - ln((y2 + a) / (n2 + a0 - y2 - a))
    ) / sqrt(1.0 / (y1 + a) + 1.0 / (y2 + a)));

-- Concentration of counts over those who hold them, an aggregate: 1/n, all alike, to 1, one alone.
create or replace macro hhi(counts) as (sum(counts::double * counts) / nullif(sum(counts)::double * sum(counts), 0));

-- How closely another series follows so many days later: lists of deviations from the mean, days in order.
create or replace macro lag_correlation(deviations, other, lag_days) as (list_dot_product(list_slice(deviations, 1, len(deviations) - lag_days), list_slice(other, 1 + lag_days, len(other))) / sqrt(list_dot_product(deviations, deviations) * list_dot_product(other, other)));

-- Outlet-standardised index of the table named by counts, columns series, outlet, month (date), n_all, n_hit: series, month, unweighted, weighted.
create or replace macro standardised_index(counts, baseline_from := null, baseline_until := null, missing := 'null', unscaled := 'drop') as table with shares as (
        select
            series,
            outlet,
            month,
            coalesce(n_all, 0) as n_all,
            case when n_all > 0 then n_hit / n_all when missing = 'zero' then 0 end as x,
            month >= coalesce(baseline_from, month) and month <= coalesce(baseline_until, month) as is_baseline
        from query_table(counts)
    ),

    deviations as (
        select
            *,
            stddev_samp(x) filter (where is_baseline) over (partition by series, outlet) as sigma
        from shares
    ),

    scaled as (
        select
            series,
            month,
            is_baseline,
            n_all,
            case when sigma > 0 then x / sigma end as y,
            case when sigma > 0 then x / sigma when x is not null and unscaled = 'zero' then 0 end as y_weighted
        from deviations
    ),

    months as (
        select
            series,
            month,
            is_baseline,
            avg(y) as z,
            sum(n_all * y_weighted) / nullif(sum(n_all) filter (where y_weighted is not null), 0) as z_weighted
        from scaled
        group by series, month, is_baseline
    )

    select
        series,
        month,
        100 * z / nullif(avg(z) filter (where is_baseline) over (partition by series), 0) as unweighted,
        100 * z_weighted / nullif(avg(z_weighted) filter (where is_baseline) over (partition by series), 0) as weighted
    from months;

-- Pooled index of the table named by counts, columns series, outlet, month (date), n_all, n_hit: series, month, index.
create or replace macro pooled_index(counts, baseline_from := null, baseline_until := null, missing := 'null') as table with months as (
        select
            series,
            month,
            month >= coalesce(baseline_from, month) and month <= coalesce(baseline_until, month) as is_baseline,
            case
                when sum(n_all) filter (where n_hit is not null) > 0
                    then sum(n_hit) filter (where n_all > 0) / sum(n_all) filter (where n_hit is not null)
                when missing = 'zero' and coalesce(sum(n_all), 0) = 0 then 0
            end as z
        from query_table(counts)
        group by series, month, is_baseline
    )

    select
        series,
        month,
        100 * z / nullif(avg(z) filter (where is_baseline) over (partition by series), 0) as index
    from months;

-- Batches in a burst or not, of the table named by counts, columns series, batch_on, hits, total.
create or replace macro kleinberg_bursts(counts) as table with recursive series_totals as (
        select
            series,
            sum(hits) / sum(total)::double as p0,
            1 * ln(count(*)) as up,
            min(batch_on) as start_on,
            (max(batch_on) - min(batch_on)) // 100 as last_block
        from query_table(counts)
        where total > 0
        group by series
        -- Without a hit, or where all is hits already, there is no state above.
        having sum(hits) > 0 and sum(hits) / sum(total)::double < 0.9999
    ),

    rates as (
        select
            *,
            ln(least(2 * p0, 0.9999) / p0) as hit_gain,
            ln((1 - least(2 * p0, 0.9999)) / (1 - p0)) as miss_gain
        from series_totals
    ),

    blocks as materialized (
        select
            batches.series,
            (batches.batch_on - rates.start_on) // 100 as block,
            list_sort(list({
                'batch_on': batches.batch_on,
                'hits': batches.hits,
                'total': batches.total,
                'gain': batches.hits * rates.hit_gain + (batches.total - batches.hits) * rates.miss_gain
            })) as batches
        from query_table(counts) as batches
        inner join rates on batches.series = rates.series
        where batches.total > 0
        group by all
    ),

    -- The series begins in state 0: state 1 is dearer by the way up. xs[1] is the lead that a block begins with.
    leads as (
        select
            series,
            up,
            last_block,
            -1 as block,
            null::struct(batch_on date, hits bigint, total bigint, gain double)[] as batches,
            [up] as xs
        from series_totals
        union all
        select
            before.series,
            before.up,
            before.last_block,
            before.block + 1 as block,
            blocks.batches,
            list_reduce(
                list_transform(coalesce(blocks.batches, []), lambda batch: [-batch.gain]),
                lambda xs, d: list_append(xs, d[1] + least(greatest(xs[-1], 0), before.up)),
                [before.xs[-1]]
            ) as xs
        from leads as before
        left join blocks
            on before.series = blocks.series and before.block + 1 = blocks.block
        where before.block < before.last_block
    ),

    followed as (
        select
            series,
            up,
            unnest(batches) as batch,
            unnest(xs[2:]) as x
        from leads
    )

    select
        series,
        batch.batch_on as batch_on,
        batch.hits as hits,
        batch.total as total,
        coalesce(
            first_value(case when x < 0 then true when x >= up then false end ignore nulls) over (
                partition by series order by batch.batch_on rows between current row and unbounded following
            ),
            false
        ) as is_burst,
        batch.gain as gain
    from followed;

-- First day, peak, last day and half-life of the series of the table named by counts, columns series, batch_on, hits.
create or replace macro lives(counts) as table with used as (
        select
            series,
            batch_on,
            hits,
            max(hits) over (partition by series) as most
        from query_table(counts)
        where hits > 0
    ),

    peaked as (
        select
            *,
            min(batch_on) filter (where hits = most) over (partition by series) as peak_on
        from used
    ),

    faded as (
        select
            *,
            sum(hits) filter (where batch_on >= peak_on) over (partition by series order by batch_on) as so_far,
            sum(hits) filter (where batch_on >= peak_on) over (partition by series) as in_all
        from peaked
    )

    select
        series,
        min(batch_on) as first_on,
        min(peak_on) as peak_on,
        max(batch_on) as last_on,
        sum(hits)::bigint as hits,
        min(batch_on - peak_on) filter (where batch_on >= peak_on and 2 * so_far >= in_all) as half_life_days
    from faded
    group by series;

-- Day on which half of the outlets had a series, of the table named by adoptions, columns series, outlet, adopted_on.
create or replace macro diffusion(adoptions) as table with ranked as (
        select
            series,
            adopted_on,
            row_number() over (partition by series order by adopted_on, outlet) as rank,
            count(*) over (partition by series) as outlet_count
        from query_table(adoptions)
    )

    select
        series,
        count(*) as outlet_count,
        min(adopted_on) filter (where 2 * rank >= outlet_count and outlet_count > 1) as half_on
    from ranked
    group by series;
