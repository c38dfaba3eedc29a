-- Outlets have articles on the theme on at least ten of the days; the lag, at which the daily
-- shares correlate best, is 0 to 14 days. Gaps and days without articles take the outlet's own
-- mean. The correlation is higher by more than chance than every one in the other order and on the
-- same day: their Fisher transforms differ by 1.96 standard errors, as for independent samples,
-- which is cautious for the same days (Steiger 1980, Psychological Bulletin 87).
{{ config(unique_key=['theme_id', 'leader_id', 'follower_id']) }}

with shares as (
    select
        theme_id, publisher_id, published_on, article_count, mention_share,
        mention_share - avg(mention_share) over (partition by theme_id, publisher_id) as deviation
    from {{ ref('theme_outlet_daily') }}
    where published_on >= timezone('UTC', {{ as_of() }})::date - 180
),

carriers as (
    select
        theme_id, publisher_id,
        count(mention_share) as day_count,
        sum(deviation * deviation) as squares
    from shares
    group by all
    having
        count(mention_share) filter (article_count > 0) >= 10
        and squares > 0
),

series as (
    select
        theme_id, publisher_id, day_count, squares,
        list(coalesce(deviation, 0) order by published_on) as deviations
    from carriers
    cross join (select distinct published_on from shares as days)
    left join shares using (theme_id, publisher_id, published_on)
    group by all
),

lagged as (
    select
        series.*,
        lag_days,
        list_slice(deviations, 1, len(deviations) - lag_days) as earlier,
        list_slice(deviations, 1 + lag_days, len(deviations)) as later
    from series
    cross join range(15) as lags (lag_days)
    where len(deviations) > lag_days
),

correlations as (
    select
        theme_id,
        leader.publisher_id as leader_id,
        follower.publisher_id as follower_id,
        lag_days,
        round(
            cross_correlation(leader.earlier, follower.later, leader.squares, follower.squares),
            9
        ) as correlation,
        least(leader.day_count, follower.day_count) as day_count
    from lagged as leader
    inner join lagged as follower using (theme_id, lag_days)
    where
        leader.publisher_id != follower.publisher_id
        and least(leader.day_count, follower.day_count) >= 30
),

best_lags as (
    select
        theme_id, leader_id, follower_id,
        arg_max(lag_days, row(correlation, -lag_days)) as lag_days,
        max(correlation) as correlation,
        max(day_count) as day_count
    from correlations
    group by all
)

-- The other order includes the same day, whose correlation is the same in both orders.
select best.*
from best_lags as best
inner join best_lags as reverse
    on
        best.theme_id = reverse.theme_id
        and best.leader_id = reverse.follower_id
        and best.follower_id = reverse.leader_id
where
    best.lag_days > 0
    and best.correlation > reverse.correlation
    and fisher_z(best.correlation) - fisher_z(reverse.correlation)
    > 1.959964 * sqrt(2 / (best.day_count - 3))
