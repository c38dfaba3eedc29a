-- Changes of a share between two periods, over the same outlets.

-- Return the probability of a standard normal variable at least as far from 0. Parameters: z: its
-- value.
--
-- Abramowitz and Stegun, 26.2.17; the error is below 2e-7.
create or replace macro normal_p(z) as
exp(-z * z / 2) / sqrt(2 * pi()) * 2 * (
    0.319381530 / (1 + 0.2316419 * abs(z))
    - 0.356563782 / power(1 + 0.2316419 * abs(z), 2)
    + 1.781477937 / power(1 + 0.2316419 * abs(z), 3)
    - 1.821255978 / power(1 + 0.2316419 * abs(z), 4)
    + 1.330274429 / power(1 + 0.2316419 * abs(z), 5)
);

-- Return the change of a share by series. pooled_share and pooled_previous_share contain all
-- outlets. The panel is the outlets with articles in both periods: panel_share is their share,
-- panel_previous_share their previous share at the present mix of outlets, panel_change the
-- difference with its 95 % interval, and p_value that of the test that no outlet's share changed.
-- within, volume and composition add up to the pooled change: changes inside outlets of the panel,
-- changes of their volume, and outlets that entered or left. leading_outlet has the largest part of
-- panel_change, leading_part. Parameters: counts: name of a table with series, outlet, hits, total,
-- previous_hits and previous_total, as text.
--
-- Previous shares are weighted with the outlets' present articles (direct standardisation). The
-- interval is the stratified one of Newcombe (Yan and Su 2010, Statistics in Biopharmaceutical
-- Research 2), for one outlet Newcombe's method 10 (1998, Statistics in Medicine 17). The test is
-- that of Cochran, Mantel and Haenszel (1959, Journal of the National Cancer Institute 22), without
-- a correction for continuity. The parts follow Kitagawa (1955, Journal of the American Statistical
-- Association 50): with the mean share m of both periods, an outlet with volumes v and shares s
-- adds (s₁ − s₀)·(v₁ + v₀)/2 to within and (v₁ − v₀)·((s₁ + s₀)/2 − m) to volume, and an outlet of
-- one period ±v·(s − m) to composition.
create or replace macro share_change(counts) as table (
    with parts as (
        select
            *,
            sum(hits) over all_outlets as all_hits,
            sum(total) over all_outlets as all_total,
            sum(previous_hits) over all_outlets as all_previous_hits,
            sum(previous_total) over all_outlets as all_previous_total,
            total > 0 and previous_total > 0 as is_panel,
            share(hits, total) as now,
            share(previous_hits, previous_total) as previous,
            -- null outside the panel, so that sums leave these outlets out
            if(is_panel, total, null) / nullif(sum(total) filter (is_panel) over all_outlets, 0)
                as weight,
            share(total, all_total) as volume_now,
            share(previous_total, all_previous_total) as volume_before,
            (share(all_hits, all_total) + share(all_previous_hits, all_previous_total)) / 2
                as mean_share,
            weight * (now - previous) as part,
            -- Shares that are not 0 or 1 describe how the error of Wilson's interval is spread.
            weight * weight * (hits + 0.5) * (total - hits + 0.5) / power(total + 1, 2) / total
                as spread,
            weight * weight * (previous_hits + 0.5) * (previous_total - previous_hits + 0.5)
            / power(previous_total + 1, 2) / previous_total as previous_spread,
            total + previous_total as joint_total,
            hits + previous_hits as joint_hits
        from query_table(counts)
        window all_outlets as (partition by series)
    ),

    -- z is reduced, so that the weighted limits of the outlets are the limits of the weighted share.
    limits as (
        select
            *,
            1.959964::double * sqrt(sum(spread) over panel) / sum(sqrt(spread)) over panel as z_now,
            1.959964::double * sqrt(sum(previous_spread) over panel)
            / sum(sqrt(previous_spread)) over panel as z_before
        from parts
        window panel as (partition by series, is_panel)
    ),

    tested as (
        select
            series,
            any_value(share(all_hits, all_total)) as pooled_share,
            any_value(share(all_previous_hits, all_previous_total)) as pooled_previous_share,
            count(weight) as panel_outlet_count,
            sum(hits) filter (is_panel) as panel_hits,
            sum(total) filter (is_panel) as panel_total,
            sum(previous_hits) filter (is_panel) as panel_previous_hits,
            sum(previous_total) filter (is_panel) as panel_previous_total,
            sum(weight * now) as panel_share,
            sum(weight * previous) as panel_previous_share,
            sum(part) as panel_change,
            sum(weight * weight / total) as now_scale,
            sum(weight * weight / previous_total) as before_scale,
            sum(weight * wilson_low(hits, total, z_now)) as now_low,
            sum(weight * wilson_high(hits, total, z_now)) as now_high,
            sum(weight * wilson_low(previous_hits, previous_total, z_before)) as before_low,
            sum(weight * wilson_high(previous_hits, previous_total, z_before)) as before_high,
            sum(hits - total * joint_hits / joint_total::double) filter (is_panel) as excess,
            sum(total * previous_total::double * joint_hits * (joint_total - joint_hits)
                / (joint_total::double * joint_total * (joint_total - 1)))
                filter (is_panel) as variance,
            sum((now - previous) * (volume_now + volume_before) / 2) as within,
            sum((volume_now - volume_before) * ((now + previous) / 2 - mean_share)) as volume,
            sum(
                coalesce(volume_now * (now - mean_share), 0)
                - coalesce(volume_before * (previous - mean_share), 0)
            ) filter (not is_panel) as composition,
            -- Rounding keeps the order of summation from deciding between equal parts.
            arg_max(outlet, row(round(part, 9), outlet)) filter (is_panel) as highest_outlet,
            max(part) as highest_part,
            arg_min(outlet, row(round(part, 9), outlet)) filter (is_panel) as lowest_outlet,
            min(part) as lowest_part
        from limits
        group by series
    )

    select
        series, pooled_share, pooled_previous_share,
        pooled_share - pooled_previous_share as pooled_change,
        panel_outlet_count, panel_hits, panel_total, panel_previous_hits, panel_previous_total,
        panel_share, panel_previous_share, panel_change,
        panel_change - 1.959964 * sqrt(
            now_scale * now_low * (1 - now_low) + before_scale * before_high * (1 - before_high)
        ) as panel_change_low,
        panel_change + 1.959964 * sqrt(
            now_scale * now_high * (1 - now_high) + before_scale * before_low * (1 - before_low)
        ) as panel_change_high,
        if(variance > 0, normal_p(excess / sqrt(variance)), null) as p_value,
        coalesce(within, 0) as within,
        coalesce(volume, 0) as volume,
        coalesce(composition, 0) as composition,
        if(panel_change > 0, highest_outlet, lowest_outlet) as leading_outlet,
        if(panel_change > 0, highest_part, lowest_part) / nullif(panel_change, 0) as leading_part
    from tested
);
