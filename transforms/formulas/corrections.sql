-- Shares corrected with coded articles, and the recall of the word list.

-- Return series, share_corrected, share_corrected_low and share_corrected_high: the share of
-- articles that are about a theme, corrected for missed and wrongly counted articles. Parameters:
-- strata: name of a table with series, language, prediction (about, mentioned, absent),
-- article_count, coded_count (effective number of coded articles) and true_share, as text.
--
-- The share is Σ W·P, where W is a stratum's share of the period's articles and P its true_share:
-- post-stratification, a case of prediction-powered inference (Angelopoulos et al. 2023, Science
-- 382) and of design-based supervised learning (Egami et al. 2023, NeurIPS 36). The interval
-- combines the Jeffreys intervals of all P, and within each language of all W, with MOVER (Zou and
-- Donner 2008, Statistics in Medicine 27): each limit differs from the share by the root of the sum
-- of the squared distances of the parts from their limits.
--
-- A stratum with more than 1 % of the period's articles needs ten coded articles, and one with W of
-- them 50·W; otherwise the values are null. A smaller stratum without coded articles counts as
-- predicted, and any P from 0 to 1 is possible.
create or replace macro corrected_shares(strata) as table (
    select
        series,
        case when is_known then sums.share end as share_corrected,
        case when is_known then greatest(sums.share - sums.below, 0) end as share_corrected_low,
        case when is_known then least(sums.share + sums.above, 1) end as share_corrected_high
    from (
        select
            series,
            sum(article_count) > 0
            and max(article_count / most_of_period) <= sum(article_count) as is_known,
            sum(article_count * p) / sum(article_count) as share,
            sqrt(sum(power(article_count * (p - p_low), 2)
                + power(least(effect * less, effect * more), 2)))
            / sum(article_count) as below,
            sqrt(sum(power(article_count * (p_high - p), 2)
                + power(greatest(effect * less, effect * more), 2)))
            / sum(article_count) as above
        from (
            select
                *,
                if(coded_count >= 10, greatest(coded_count / 50, 0.01), 0.01) as most_of_period,
                p - max(p) filter (where prediction = 'absent')
                over (partition by series, language) as effect,
                jeffreys_low(article_count, language_count) * language_count
                - article_count as less,
                (jeffreys_high(article_count, language_count)) * language_count
                - article_count as more
            from (
                select
                    *,
                    sum(article_count) over (partition by series, language)
                        as language_count,
                    coalesce(true_share, if(prediction = 'about', 1, 0)) as p,
                    coalesce(jeffreys_low((true_share * coded_count), coded_count), 0)
                        as p_low,
                    coalesce(jeffreys_high((true_share * coded_count), coded_count), 1)
                        as p_high
                from query_table(strata)
            )
        )
        group by series
    ) as sums
);

-- Return series, recall, recall_low and recall_high: the share of the true articles that the word
-- list finds. Parameters: coded: name of a table with series, is_hit, coded_weight, coded_squares,
-- true_weight and true_squares, sums of the weights and of their squares, as text.
--
-- Recall is H / (H + M), for the true weight H of the predictions that are hits and M of the
-- others. A group's true weight is s times a Poisson count, where s = Σw² / Σw over its true
-- articles, or over all if none is true: as in Fay and Feuer (1997), Statistics in Medicine 16.
-- MOVER adds the groups and then combines H and M (Donner and Zou 2012, Statistical Methods in
-- Medical Research 21). A single effective sample size would ignore that missed articles have
-- larger weights than found ones in a sample that prefers found ones.
create or replace macro recall_rates(coded) as table (
    select
        series,
        hits / nullif(hits + missed, 0) as recall,
        greatest(recall - sqrt(
            power(recall - coalesce(hits_low / nullif(hits_low + missed, 0), 0), 2)
            + power(recall - coalesce(hits / nullif(hits + missed_high, 0), 0), 2)
        ), 0) as recall_low,
        least(recall + sqrt(
            power(coalesce(hits_high / nullif(hits_high + missed, 0), 1) - recall, 2)
            + power(coalesce(hits / nullif(hits + missed_low, 0), 1) - recall, 2)
        ), 1) as recall_high
    from (
        select
            series,
            coalesce(sum(true_weight) filter (where is_hit), 0) as hits,
            greatest(hits - sqrt(coalesce(sum(power(true_weight - weight_low, 2))
                filter (where is_hit), 0)), 0) as hits_low,
            hits + sqrt(coalesce(sum(power(weight_high - true_weight, 2))
                filter (where is_hit), 0)) as hits_high,
            coalesce(sum(true_weight) filter (where not is_hit), 0) as missed,
            greatest(missed - sqrt(coalesce(sum(power(true_weight - weight_low, 2))
                filter (where not is_hit), 0)), 0) as missed_low,
            missed + sqrt(coalesce(sum(power(weight_high - true_weight, 2))
                filter (where not is_hit), 0)) as missed_high
        from (
            select
                series,
                is_hit,
                true_weight,
                scale * poisson_bound(true_weight / scale, -1) as weight_low,
                scale * poisson_bound(true_weight / scale, 1) as weight_high
            from (
                select
                    *,
                    if(true_weight > 0, true_squares / true_weight, coded_squares / coded_weight)
                        as scale
                from query_table(coded)
                where coded_weight > 0
            )
        )
        group by series
    )
);
