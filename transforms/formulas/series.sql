-- Bursts, lives, indices and agreement of series. A table has the column series, of any type: text,
-- or a struct of several keys.

-- Return first_on, peak_on, last_on, hits and half_life_days of each series. Parameters: counts:
-- name of a table with series, batch_on (date) and hits, as text; days without a hit may be zero or
-- missing.
--
-- The peak is the day with the most hits, or the earliest of several. The half-life is the number
-- of days from the peak until half of all hits since the peak have occurred: 0 if the peak day
-- contains half of them. Half-life as in Burton and Kebler (1960), American Documentation 11.
create or replace macro lives(counts) as table (
    with peaks as (
        select
            series, batch_on, hits,
            first_value(batch_on)
            over (partition by series order by hits desc, batch_on asc) as peak_on
        from query_table(counts)
        where hits > 0
    ),

    running_sums as (
        select
            *,
            sum(hits) filter (batch_on >= peak_on)
            over (partition by series order by batch_on) as hits_since_peak,
            sum(hits) filter (batch_on >= peak_on)
            over (partition by series) as total_since_peak
        from peaks
    )

    select
        series,
        min(batch_on) as first_on,
        min(peak_on) as peak_on,
        max(batch_on) as last_on,
        sum(hits)::bigint as hits,
        min(batch_on - peak_on)
        filter (batch_on >= peak_on and 2 * hits_since_peak >= total_since_peak)
            as half_life_days
    from running_sums
    group by series
);

-- Return the number of outlets of each series, and the day by which half of the outlets that ever
-- used it had used it; null with a single outlet. Parameters: adoptions: name of a table with
-- series and adopted_on, the day of the first use by each outlet, as text.
create or replace macro diffusion(adoptions) as table (
    select
        series,
        count(*) as outlet_count,
        if(count(*) > 1, quantile_disc(adopted_on, 0.5), null) as half_on
    from query_table(adoptions)
    group by series
);

-- Return series, batch_on, hits, total, is_burst and gain of each batch: whether its rate is about
-- twice the usual rate. Batches without a total are left out. Parameters: counts: name of a table
-- with series, batch_on (date), hits and total, as text.
--
-- Kleinberg (2003), Bursty and Hierarchical Structure in Streams, DMKD 7, section 4, with two
-- states: p0 = Σ hits / Σ total, p1 = min(2·p0, .9999). In state i a batch costs −ln of the
-- binomial likelihood of its hits at p_i, a transition to state 1 ln(n) for n batches, and one to
-- state 0 nothing. The result is the cheapest path from state 0. gain is the cost that a batch
-- saves in state 1; a burst's strength is the sum.
--
-- The Viterbi algorithm needs only the difference x between the costs of both states: x_t = d_t +
-- min(max(x_{t−1}, 0), up), d_t = −gain. Backwards, the state is 1 if x < 0, 0 if x ≥ up, and
-- otherwise the next batch's. Each recursion step processes 100 days of all series as lists: a
-- single list would be copied for every batch, and single batches would need a join each.
create or replace macro kleinberg_bursts(counts) as table (
    with recursive rates as (
        select
            series,
            sum(hits) / sum(total)::double as p0,
            ln(count(*)) as up,
            ln(least(2 * p0, 0.9999) / p0) as hit_gain,
            ln((1 - least(2 * p0, 0.9999)) / (1 - p0)) as miss_gain,
            min(batch_on) as start_on,
            (max(batch_on) - min(batch_on)) // 100 as last_block
        from query_table(counts)
        where total > 0
        group by series
        -- State 1 does not exist without hits, or if nearly all items are hits.
        having sum(hits) > 0 and sum(hits) / sum(total)::double < 0.9999
    ),

    blocks as materialized (
        select
            batches.series,
            (batches.batch_on - rates.start_on) // 100 as block,
            list_sort(list({
                'batch_on': batches.batch_on,
                'hits': batches.hits,
                'total': batches.total,
                'gain': batches.hits * rates.hit_gain
                + (batches.total - batches.hits) * rates.miss_gain
            })) as batches
        from query_table(counts) as batches
        inner join rates using (series)
        where batches.total > 0
        group by all
    ),

    -- The series starts in state 0, so state 1 costs `up` more. xs[1] is the cost difference at the
    -- start of the block.
    leads as (
        select
            series, up, last_block,
            -1 as block,
            null::struct(batch_on date, hits bigint, total bigint, gain double)[] as batches,
            [up] as xs
        from rates
        union all
        select
            previous.series, previous.up, previous.last_block,
            previous.block + 1 as block,
            blocks.batches,
            -- The list starts with the initial value: DuckDB 1.2 has no third argument for it.
            list_reduce(
                list_prepend([previous.xs[-1]],
                    list_transform(coalesce(blocks.batches, []), lambda batch: [-batch.gain])),
                lambda xs, d: list_append(xs, d[1] + least(greatest(xs[-1], 0), previous.up))
            ) as xs
        from leads as previous
        left join blocks
            on previous.series = blocks.series and previous.block + 1 = blocks.block
        where previous.block < previous.last_block
    ),

    differences as (
        select
            series, up,
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
                partition by series
                order by batch.batch_on rows between current row and unbounded following
            ),
            false
        ) as is_burst,
        batch.gain as gain
    from differences
);

-- Return the agreement of a and b by series: pair_count, pearson and spearman over the periods in
-- which both are known, the same for changes from one period to the next, and has_trend.
-- Parameters: pairs: name of a table with series, start_on (date), a and b, as text: one row for
-- each period without holes, null for unknown values.
--
-- Correlations of fewer than five pairs, or of a constant series, are null. Equal values share the
-- mean of their ranks. has_trend: the rank correlation of each series with time exceeds 1.96
-- standard errors, 1 / √(n − 1). A trend correlates any two series (Yule 1926, Journal of the Royal
-- Statistical Society 89): then the correlation of changes is the evidence.
create or replace macro agreement(pairs) as table (
    with levels_and_changes as (
        select
            series, start_on,
            unnest([false, true]) as is_change,
            unnest([a, a - lag(a) over by_time]) as a,
            unnest([b, b - lag(b) over by_time]) as b
        from query_table(pairs)
        window by_time as (partition by series order by start_on)
    ),

    ranked as (
        select
            *,
            rank() over (partition by series, is_change order by a)
            + (count(*) over (partition by series, is_change, a) - 1) / 2 as a_rank,
            rank() over (partition by series, is_change order by b)
            + (count(*) over (partition by series, is_change, b) - 1) / 2 as b_rank,
            row_number() over (partition by series, is_change order by start_on) as place
        from levels_and_changes
        where a is not null and b is not null
    ),

    measured as (
        select
            series, is_change,
            min(start_on) as first_on,
            max(start_on) as last_on,
            count(*) as pair_count,
            known_correlation(a, b) as pearson,
            known_correlation(a_rank, b_rank) as spearman,
            least(
                coalesce(abs(known_correlation(place, a_rank)), 0),
                coalesce(abs(known_correlation(place, b_rank)), 0)
            ) as trend
        from ranked
        group by all
    )

    select
        levels.* exclude (is_change, trend),
        coalesce(changes.pair_count, 0) as change_count,
        changes.pearson as pearson_of_changes,
        changes.spearman as spearman_of_changes,
        levels.trend * sqrt(levels.pair_count - 1) > 1.959964 as has_trend
    from measured as levels
    left join measured as changes on levels.series = changes.series and changes.is_change
    where not levels.is_change
);

-- Return series, month, unweighted and weighted, the outlet-standardised index, and index, that of
-- all outlets together: each with a mean of 100 over the baseline of each series. Parameters:
-- counts: name of a table with series, outlet, month (date), n_all, n_hit and is_baseline, as text;
-- missing: 'null' leaves an outlet's empty month out, 'zero' sets its share to 0; unscaled: an
-- outlet whose share never changes is left out ('drop'), or stays in the weighted index with 0
-- ('zero').
--
-- X = n_hit / n_all of an outlet and month, and Y = X / σ, its sample standard deviation in the
-- baseline. Z is the mean of Y over the outlets of the month, or weighted Σ n_all·Y / Σ n_all; an
-- index is 100·Z / mean of Z in the baseline. Baker, Bloom and Davis (2016), Measuring Economic
-- Policy Uncertainty, QJE 131(4), section II.A.
--
-- Over all outlets together, Z = Σ n_hit / Σ n_all, with the same weight for each month; an
-- outlet's month with unknown n_all or n_hit is in neither sum. Caldara and Iacoviello (2022),
-- Measuring Geopolitical Risk, AER 112(4), section I.
create or replace macro indices_by_baseline(
    counts, missing := 'null', unscaled := 'drop'
) as table (
    with scaled as (
        select
            *,
            case when n_all > 0 then n_hit / n_all when missing = 'zero' then 0 end as x,
            stddev_samp(x) filter (is_baseline)
            over (partition by series, outlet) as sigma,
            case when sigma > 0 then x / sigma end as y,
            coalesce(y, if(x is not null and unscaled = 'zero', 0, null)) as y_weighted
        from query_table(counts)
    ),

    months as (
        select
            series, month, is_baseline,
            avg(y) as z,
            sum(coalesce(n_all, 0) * y_weighted)
            / nullif(sum(coalesce(n_all, 0)) filter (y_weighted is not null), 0)
                as z_weighted,
            case
                when sum(n_all) filter (n_hit is not null) > 0
                    then sum(n_hit) filter (n_all > 0) / sum(n_all)
                        filter (n_hit is not null)
                when missing = 'zero' and coalesce(sum(n_all), 0) = 0 then 0
            end as z_pooled
        from scaled
        group by all
    )

    select
        series, month,
        100 * z / nullif(avg(z) filter (is_baseline) over each, 0) as unweighted,
        100 * z_weighted / nullif(avg(z_weighted) filter (is_baseline) over each, 0)
            as weighted,
        100 * z_pooled / nullif(avg(z_pooled) filter (is_baseline) over each, 0) as index
    from months
    window each as (partition by series)
);

-- Return series, month, unweighted and weighted: the outlet-standardised index, with a mean of 100
-- over the baseline. Parameters: counts: name of a table with series, outlet, month (date), n_all
-- and n_hit, as text; baseline_from: first month of the baseline, a date; null for the first month
-- of the series; baseline_until: last month of the baseline, a date; null for the last month of the
-- series; missing: 'null' leaves an outlet's empty month out, 'zero' sets its share to 0; unscaled:
-- an outlet whose share never changes is left out ('drop'), or stays in the weighted index with 0
-- ('zero').
create or replace macro standardised_index(
    counts,
    baseline_from := null,
    baseline_until := null,
    missing := 'null',
    unscaled := 'drop'
) as table (
    with counted as (
        select
            *,
            month between coalesce(baseline_from, month)
            and coalesce(baseline_until, month) as is_baseline
        from query_table(counts)
    )

    select series, month, unweighted, weighted
    from indices_by_baseline('counted', missing := missing, unscaled := unscaled)
);

-- Return series, month and index over all outlets together, with a mean of 100 over the baseline.
-- Parameters: counts: name of a table with series, outlet, month (date), n_all and n_hit, as text;
-- baseline_from: first month of the baseline, a date; null for the first month of the series;
-- baseline_until: last month of the baseline, a date; null for the last month of the series;
-- missing: 'null' leaves an outlet's empty month out, 'zero' sets its share to 0.
create or replace macro pooled_index(
    counts, baseline_from := null, baseline_until := null, missing := 'null'
) as table (
    with counted as (
        select
            *,
            month between coalesce(baseline_from, month)
            and coalesce(baseline_until, month) as is_baseline
        from query_table(counts)
    )

    select series, month, index from indices_by_baseline('counted', missing := missing)
);
