-- One row per theme and two outlets that carried it on ten days each at least, in the last 180 days: who moves first, and how closely.
--
-- Correlation of the daily shares of one outlet with those of the other so many days later, over the days that both covered; of the
-- lags from 0 to 14 days the one that correlates best. A row does not prove that one follows the other: both may follow the news.
{{ config(
    unique_key=['theme_id', 'leader_id', 'follower_id'],
    order_by='theme_id, leader_id, follower_id'
) }}

{% set most_lag = 14 %}

with theme_outlet_daily as (
    select * from {{ ref('theme_outlet_daily') }}
),

days as (
    select
        theme_id,
        publisher_id,
        published_on,
        article_count,
        share
    from theme_outlet_daily
    where share is not null and is_complete and published_on > timezone('UTC', {{ as_of() }})::date - 180
),

carriers as (
    select
        theme_id,
        publisher_id
    from days
    where article_count > 0
    group by theme_id, publisher_id
    having count(*) >= 10
),

carried as (
    select days.*
    from days
    semi join carriers on days.theme_id = carriers.theme_id and days.publisher_id = carriers.publisher_id
),

lags as (
    select unnest(range({{ most_lag + 1 }})) as lag_days
),

correlations as (
    select
        leader.theme_id,
        leader.publisher_id as leader_id,
        follower.publisher_id as follower_id,
        lags.lag_days,
        round(corr(leader.share, follower.share), 12) as correlation,
        count(*) as day_count
    from carried as leader
    cross join lags
    inner join carried as follower
        on
            leader.theme_id = follower.theme_id
            and leader.publisher_id != follower.publisher_id
            and leader.published_on + lags.lag_days::integer = follower.published_on
    group by leader.theme_id, leader.publisher_id, follower.publisher_id, lags.lag_days
    having count(*) >= 30 and not isnan(corr(leader.share, follower.share))
),

final as (
    select *
    from correlations
    qualify row_number() over (
        partition by theme_id, leader_id, follower_id order by correlation desc, lag_days
    ) = 1
)

select
    theme_id,
    leader_id,
    follower_id,
    lag_days,
    correlation,
    day_count
from final
