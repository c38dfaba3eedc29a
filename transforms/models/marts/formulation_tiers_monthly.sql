-- One row per formulation and month from its first use on: new, hot, established, fading or gone. All variants and translations
-- of a formulation are phrases of its theme, so they have one life.
--
-- A level is the share of articles in the month and the two months before, with its 95 % interval. The rules apply in this order:
-- new: the first article appeared in these three months. gone: these months have no article, and their level is below half of the
-- highest one. fading: so is a level with articles. hot: the level is higher than the share of all months before. established:
-- neither. A level is lower than another only if the intervals do not overlap.
{{ config(
    unique_key=['theme_id', 'month_start_on'],
    order_by='month_start_on, theme_id'
) }}

with themes as (
    select * from {{ ref('stg_themes') }}
    where kind = 'formulation'
),

months as (
    select
        theme_monthly.theme_id,
        theme_monthly.month_start_on,
        if(theme_monthly.share is null, 0, theme_monthly.article_count) as article_count,
        if(theme_monthly.share is null, 0, theme_monthly.total_count) as total_count
    from {{ ref('theme_monthly') }} as theme_monthly
    semi join themes on theme_monthly.theme_id = themes.theme_id
),

sums as (
    select
        *,
        min(if(article_count > 0, month_start_on, null)) over (partition by theme_id) as first_month_on,
        sum(article_count) over recent as recent_count,
        sum(total_count) over recent as recent_total,
        coalesce(sum(article_count) over earlier, 0) as earlier_count,
        coalesce(sum(total_count) over earlier, 0) as earlier_total
    from months
    window
        recent as (
            partition by theme_id order by month_start_on
            range between interval 2 month preceding and current row
        ),
        earlier as (
            partition by theme_id order by month_start_on
            range between unbounded preceding and interval 3 month preceding
        )
),

levels as (
    select
        *,
        recent_count / nullif(recent_total, 0)::double as level,
        {{ wilson_low('recent_count', 'recent_total') }} as level_low,
        {{ wilson_high('recent_count', 'recent_total') }} as level_high,
        {{ wilson_high('earlier_count', 'earlier_total') }} as earlier_high
    from sums
),

peaks as (
    select
        *,
        max(level_low) over (partition by theme_id order by month_start_on) as peak_low
    from levels
    where month_start_on >= first_month_on
)

select
    theme_id,
    month_start_on,
    article_count,
    level,
    level_low,
    level_high,
    case
        when recent_total = 0 then null
        when month_start_on < first_month_on + interval 3 month then 'new'
        when level_high < peak_low / 2 then if(recent_count = 0, 'gone', 'fading')
        when level_low > earlier_high then 'hot'
        else 'established'
    end as tier
from peaks
