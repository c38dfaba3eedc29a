-- Of an outlet outside the panel, only the period in which it was covered counts, in the pooled
-- shares. q_value: share of false discoveries among the themes with a parent or among the areas
-- (Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57). is_significant: at
-- most a tenth of false discoveries, at least 15 articles in one period and 20 in both, and at
-- least two percentage points.
{{ config(unique_key='theme_id') }}

with counts as (
    select
        theme_id as series,
        publisher_id || if(is_panel, '', if(is_now, ' +', ' -')) as outlet,
        sum(if(is_now, about_count, 0)) as hits,
        sum(if(is_now, total_count, 0)) as total,
        sum(if(is_now, 0, about_count)) as previous_hits,
        sum(if(is_now, 0, total_count)) as previous_total
    from {{ ref('theme_outlet_daily') }}
    inner join {{ ref('int_panel_days') }} using (publisher_id, published_on)
    group by all
),

last_day as (
    select max(published_on) as until_on from {{ ref('outlet_daily') }}
),

ranked as (
    select
        changes.*,
        parent_id is null as is_area,
        rank() over tests as p_rank,
        count(p_value) over (partition by parent_id is null) as test_count
    from share_change('counts') as changes
    inner join {{ ref('stg_themes') }} as themes on series = theme_id
    window tests as (partition by parent_id is null order by p_value nulls last)
),

found as (
    select
        *,
        min(p_value * test_count / p_rank) over (partition by is_area order by p_rank desc)
            as q_value
    from ranked
)

-- Rounded: sums in another order must not make a row differ.
select
    series as theme_id,
    until_on - 27 as from_on,
    until_on,
    until_on - 55 as previous_from_on,
    round(columns(name -> starts_with(name, 'pooled_')), 9),
    panel_outlet_count,
    panel_hits::bigint as panel_article_count,
    panel_total::bigint as panel_total_count,
    panel_previous_hits::bigint as panel_previous_article_count,
    panel_previous_total::bigint as panel_previous_total_count,
    round(columns(name -> regexp_matches(name, '^panel_(previous_)?(share|change)|_value$')), 9),
    coalesce(
        q_value <= 0.1
        and greatest(panel_hits, panel_previous_hits) >= 15
        and panel_hits + panel_previous_hits >= 20
        and abs(panel_change) >= 0.02,
        false
    ) as is_significant,
    round(within, 9) as within_change,
    round(volume, 9) as volume_change,
    round(composition, 9) as composition_change,
    if(leading_part > 0.5 and panel_outlet_count > 1, leading_outlet, null) as leading_publisher_id,
    corrected.* exclude (theme_id)
from found
cross join last_day
left join {{ ref('int_corrected_changes') }} as corrected on series = theme_id
