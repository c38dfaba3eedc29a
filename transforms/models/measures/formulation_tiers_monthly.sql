-- A level is the share of articles in the month and the two months before. It is lower than another
-- only if their 95 % intervals do not overlap. A silence is the number of complete covered months
-- since the last article. docs/method.md states the tiers.
{{ config(unique_key=['theme_id', 'month_start_on'], meta={'order_by': 'month_start_on'}) }}

with months as (
    select
        theme_id, month_start_on,
        is_complete and mention_share is not null as is_covered,
        if(mention_share is null, 0, article_count) as article_count,
        if(mention_share is null, 0, total_count) as total_count
    from {{ ref('theme_monthly') }}
    inner join {{ ref('stg_themes') }} using (theme_id)
    where kind = 'formulation'
),

sums as (
    select
        *,
        min(month_start_on) filter (article_count > 0) over (partition by theme_id)
            as first_month_on,
        count(*) filter (is_covered and article_count = 0) over until_now as silent_count,
        sum(article_count) over recent as recent_count,
        sum(total_count) over recent as recent_total,
        coalesce(sum(article_count) over last_two, 0) as before_count,
        coalesce(sum(total_count) over last_two, 0) as before_total,
        coalesce(sum(article_count) over earlier, 0) as earlier_count,
        coalesce(sum(total_count) over earlier, 0) as earlier_total,
        share(recent_count, recent_total) as level,
        wilson_low(recent_count, recent_total) as level_low,
        wilson_high(recent_count, recent_total) as level_high,
        wilson_high(article_count, total_count) as month_high,
        wilson_low(before_count, before_total) as before_low,
        wilson_high(earlier_count, earlier_total) as earlier_high
    from months
    window
        until_now as (partition by theme_id order by month_start_on),
        recent as (until_now range between interval 2 month preceding and current row),
        last_two as (
            until_now range between interval 2 month preceding and interval 1 month preceding
        ),
        earlier as (
            until_now range between unbounded preceding and interval 3 month preceding
        )
),

used as (
    select
        *,
        max(level_low) over until_now as peak_low,
        silent_count - max(if(article_count > 0, silent_count, null)) over until_now as silence,
        lead(article_count) over until_now as next_count
    from sums
    where month_start_on >= first_month_on
    window until_now as (partition by theme_id order by month_start_on)
),

silences as (
    select
        *,
        coalesce(max(silence) filter (next_count > 0) over (
            partition by theme_id order by month_start_on
            rows between unbounded preceding and 1 preceding
        ), 0) as usual_silence
    from used
)

select
    theme_id, month_start_on, silences.article_count, level, level_low, level_high,
    case
        when recent_total = 0 then null
        when
            first_seen_is_certain
            and month_start_on < first_month_on + interval 3 month
            then 'new'
        when silence >= usual_silence + 3 then 'gone'
        when
            silence > usual_silence
            or recent_count = 0
            or level_high < peak_low / 2
            or month_high < before_low
            then 'fading'
        when level_low > earlier_high then 'hot'
        else 'established'
    end as tier
from silences
left join {{ ref('formulation_lives') }} as first_uses using (theme_id)
