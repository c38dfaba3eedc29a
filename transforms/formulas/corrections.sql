-- Shares corrected with coded articles, their changes, and the recall of the word list.

-- Return, by series, language and prediction of the word list, the effective numbers of coded
-- articles: of one coder, true_count and false_count; of two coders, both_true_count, split_count
-- and both_false_count. Parameters: coded: name of a table with series, language, prediction,
-- weight, story, label and second_label (whether the first and the second coder state the theme;
-- null without a second coder), as text.
--
-- Copies count as one unit with the sum of their weights: a cell has (Σw)² / Σw² effective articles
-- (Kish 1965, Survey Sampling).
create or replace macro coding_cells(coded) as table (
    select
        series, language, prediction,
        sum(if(is_second is null, count * is_true, 0)) as true_count,
        sum(if(is_second is null, count * (1 - is_true), 0)) as false_count,
        coalesce(sum(count * is_true * is_second), 0) as both_true_count,
        coalesce(sum(count * (is_true + is_second - 2 * is_true * is_second)), 0) as split_count,
        coalesce(sum(count * (1 - is_true) * (1 - is_second)), 0) as both_false_count
    from (
        select *, weight * sum(weight) over cell / sum(weight * weight) over cell as count
        from (
            select
                series, language, prediction,
                sum(weight * label::int) / sum(weight) as is_true,
                sum(weight * second_label::int)
                / sum(weight) filter (second_label is not null) as is_second,
                sum(weight) as weight
            from query_table(coded)
            group by series, language, prediction, story
        )
        window cell as (partition by series, language, prediction)
    )
    group by all
);

-- Return theme_id, article_id and label (:likely or :unlikely): what other programs think, by the
-- mean of their scores. The label continues the prediction of the word list. Parameters: labels:
-- name of a table with theme_id, article_id and score, as text.
create or replace macro outside_groups(labels) as table (
    select
        theme_id, article_id,
        if(avg(score) >= 0.5, ':likely', ':unlikely') as label
    from query_table(labels)
    group by all
);

-- Return the rows of counts with coded_count, pooled_count and draws of their rates: the strata of
-- corrected_shares and corrected_changes. A language without coded articles has the rates of the
-- language ''. Parameters: counts: name of a table with theme_id, language, prediction and others;
-- rates: name of a table like true_rates, as text.
create or replace macro rated_strata(counts, rates) as table (
    select counted.*, rates.coded_count, rates.pooled_count, rates.draws
    from query_table(counts) as counted
    inner join query_table(rates) as rates using (theme_id, prediction)
    where
        rates.language = if(
            counted.language in (select coded.language from query_table(rates) as coded),
            counted.language,
            ''
        )
);

-- Return the variance of the mean of a value over random articles. Parameters: part: the share of
-- the articles with a value; value: the value; total: number of articles.
create or replace macro sampling_variance(part, value, total) as
(greatest(sum(part * value * value) - power(sum(part * value), 2), 0) / max(total));

-- Return the root of the sum of two squares. Parameters: one: the distance of a limit from its
-- value; other: another such distance.
create or replace macro hypotenuse(one, other) as
(sqrt(power(one, 2) + power(other, 2)));

-- Return series, share_corrected, share_corrected_low, share_corrected_high, pooled_weight and
-- reason: the share of articles about a theme, corrected for missed and wrongly counted articles,
-- the part of its information from other languages and themes, and why there is no value.
-- Parameters: strata: name of a table with series, language, prediction, article_count,
-- coded_count, pooled_count and draws (of the prediction's true rate), as text.
--
-- The share is Σ W·P, where W is a stratum's share of the period's articles and P its true rate
-- (docs/method.md). MOVER (Zou and Donner 2008, Statistics in Medicine 27) adds the sampling error
-- of W to the quantiles of the draws, of 98 %, so that hard settings have 95 %, too.
create or replace macro corrected_shares(strata) as table (
    with cells as (
        select
            *,
            article_count / nullif(sum(article_count) over all_cells, 0) as part,
            sum(article_count) over all_cells as total,
            sum(coded_count) over all_cells as series_coded,
            sum(coded_count) over (partition by series, language) as language_coded,
            list_avg(draws) as mean
        from query_table(strata)
        window all_cells as (partition by series)
    ),

    sums as (
        select
            series,
            case
                when max(total) = 0 then 'no_articles'
                when coalesce(max(series_coded), 0) < 20 then 'too_few_coded'
                when sum(part) filter (coalesce(language_coded, 0) = 0) > 0.2
                    then 'language_not_coded'
            end as reason,
            sum(part * pooled_count / (pooled_count + coded_count)) as pooled_weight,
            1.959964 * sqrt(sampling_variance(part, mean, total)) as margin
        from cells
        group by series
    ),

    shares as (
        select series, avg(drawn) as share, quantile_cont(drawn, [0.01, 0.99]) as limits
        from (
            select series, sum(part * draw) as drawn
            from (
                select
                    series, part, unnest(draws) as draw, unnest(range(len(draws))) as place
                from cells
                where part > 0
            )
            group by series, place
        )
        group by series
    )

    select
        sums.series,
        share as share_corrected,
        if(share >= 0, greatest(share - hypotenuse(share - limits[1], margin), 0), null)
            as share_corrected_low,
        if(share >= 0, least(share + hypotenuse(limits[2] - share, margin), 1), null)
            as share_corrected_high,
        if(share >= 0, sums.pooled_weight, null) as pooled_weight,
        reason
    from sums
    left join shares on sums.series = shares.series and sums.reason is null
);

-- Return the counts of corrected_changes by theme, language and prediction: article_count of the
-- later period and previous_count, where each outlet has its weight of share_change, scaled to
-- Kish's effective number. Parameters: texts: name of a table with article_id, publisher_id,
-- language and is_now; themes: one like article_themes; rates: one like true_rates, as text.
create or replace macro panel_counts(texts, themes, rates) as table (
    with outlets as (
        select
            publisher_id,
            count(*) filter (is_now) as now_total,
            count(*) filter (not is_now) as previous_total,
            sum(now_total) over () / sum(power(now_total, 2) / previous_total) over ()
            * now_total / previous_total as previous_weight
        from query_table(texts)
        group by publisher_id
        having now_total > 0 and previous_total > 0
    ),

    weighted as (
        select
            article_id, language,
            is_now::int as weight,
            if(is_now, 0, previous_weight) as previous
        from query_table(texts)
        inner join outlets using (publisher_id)
    ),

    found as (
        select
            theme_id, language,
            if(is_about, 'about', 'mentioned') as prediction,
            sum(weight) as article_count,
            sum(previous) as previous_count
        from weighted
        inner join (select theme_id, article_id, is_about from query_table(themes))
            using (article_id)
        group by all
    )

    select *, theme_id as series from found
    union all by name
    select
        rated.theme_id, totals.language,
        'absent' as prediction,
        greatest(any_value(weight) - coalesce(sum(article_count), 0), 0) as article_count,
        greatest(any_value(previous) - coalesce(sum(previous_count), 0), 0) as previous_count,
        rated.theme_id as series
    from (
        select language, sum(weight) as weight, sum(previous) as previous
        from weighted
        group by language
    ) as totals
    cross join (select distinct theme_id from query_table(rates)) as rated
    left join found on rated.theme_id = found.theme_id and totals.language = found.language
    group by rated.theme_id, totals.language
);

-- Return, by series, the change of a corrected share with its interval: change_corrected if recall
-- and precision are the same in both periods, and change_same_truth if each prediction is equally
-- often true in both. Parameters: strata: name of a table with the columns of corrected_shares and
-- previous_count, the articles of the previous period, as text.
--
-- Both periods have the same draws. With constant recall, the change is Σ S·(a₁ − a₀)/a, where a is
-- the hits' share of a language's articles, and S its corrected share, both of the mean of the
-- periods; with constant truth, Σ (W₁ − W₀)·P (docs/method.md). Limits of 97 %, so that fewer than
-- 5 of 100 unchanged shares seem to have changed.
create or replace macro corrected_changes(strata) as table (
    with parts as (
        select
            *,
            article_count / sum(article_count) over all_cells as now,
            previous_count / sum(previous_count) over all_cells as before,
            sum(article_count) over all_cells as total,
            sum(previous_count) over all_cells as previous_total,
            prediction like 'about%' as is_hit,
            list_avg(draws) as mean
        from query_table(strata)
        window all_cells as (partition by series)
    ),

    -- growth: the relative change of the hits of a language; ratio: its true articles by hit.
    cells as (
        select
            *,
            sum(now - before) filter (is_hit) over own_language
            / nullif(sum(now + before) filter (is_hit) over own_language, 0) as growth,
            if(is_hit, sum(mean * (now + before)) over own_language / nullif(
                sum(now + before) filter (is_hit) over own_language, 0
            ), 0) as ratio
        from parts
        window own_language as (partition by series, language)
    ),

    margins as (
        select
            series,
            2.17009 * sqrt(
                sampling_variance(now, ratio, total)
                + sampling_variance(before, ratio, previous_total)
            ) as margin,
            2.17009 * sqrt(
                sampling_variance(now, mean, total)
                + sampling_variance(before, mean, previous_total)
            ) as truth_margin
        from cells
        group by series
    ),

    changes as (
        select
            series,
            avg(drawn) as change,
            quantile_cont(drawn, [0.015, 0.985]) as limits,
            avg(truth_drawn) as truth_change,
            quantile_cont(truth_drawn, [0.015, 0.985]) as truth_limits
        from (
            select
                series,
                sum((now + before) * coalesce(growth, 0) * draw) as drawn,
                sum((now - before) * draw) as truth_drawn
            from (
                select *, unnest(draws) as draw, unnest(range(len(draws))) as place
                from cells
                where now + before > 0
            )
            group by series, place
        )
        group by series
    )

    select
        changes.series,
        change as change_corrected,
        change - hypotenuse(change - limits[1], margin) as change_corrected_low,
        change + hypotenuse(limits[2] - change, margin) as change_corrected_high,
        truth_change as change_same_truth,
        truth_change - hypotenuse(truth_change - truth_limits[1], truth_margin)
            as change_same_truth_low,
        truth_change + hypotenuse(truth_limits[2] - truth_change, truth_margin)
            as change_same_truth_high
    from changes
    inner join margins using (series)
);

-- Return series, recall, recall_low and recall_high: the share of the true articles that the word
-- list finds. Parameters: coded: name of a table with series, is_hit, coded_weight, coded_squares,
-- true_weight and true_squares, sums of the weights and of their squares, as text.
--
-- Recall is H / (H + M), for the true weight H of the hits and M of the others. A group's true
-- weight is s times a Poisson count, where s = Σw² / Σw over its true articles, or over all if none
-- is true (Fay and Feuer 1997, Statistics in Medicine 16). MOVER adds the groups and combines H and
-- M (Donner and Zou 2012, Statistical Methods in Medical Research 21).
create or replace macro recall_rates(coded) as table (
    select
        series,
        hits / nullif(hits + missed, 0) as recall,
        greatest(recall - hypotenuse(
            recall - coalesce(hits_low / nullif(hits_low + missed, 0), 0),
            recall - coalesce(hits / nullif(hits + missed_high, 0), 0)
        ), 0) as recall_low,
        least(recall + hypotenuse(
            coalesce(hits_high / nullif(hits_high + missed, 0), 1) - recall,
            coalesce(hits / nullif(hits + missed_low, 0), 1) - recall
        ), 1) as recall_high
    from (
        select
            series,
            sum(if(is_hit, true_weight, 0)) as hits,
            greatest(hits - sqrt(sum(if(is_hit, below, 0))), 0) as hits_low,
            hits + sqrt(sum(if(is_hit, above, 0))) as hits_high,
            sum(if(is_hit, 0, true_weight)) as missed,
            greatest(missed - sqrt(sum(if(is_hit, 0, below))), 0) as missed_low,
            missed + sqrt(sum(if(is_hit, 0, above))) as missed_high
        from (
            select
                *,
                if(true_weight > 0, true_squares / true_weight, coded_squares / coded_weight)
                    as scale,
                power(true_weight - scale * poisson_bound(true_weight / scale, -1), 2) as below,
                power(scale * poisson_bound(true_weight / scale, 1) - true_weight, 2) as above
            from query_table(coded)
            where coded_weight > 0
        )
        group by series
    )
);
