{{ config(unique_key=['theme_id', 'language', 'period', 'measure', 'prediction']) }}

-- An article without a date has no quarter.
with articles as (
    select
        theme_id, weight, prediction, is_main, is_named,
        unnest([language, 'all']) as language,
        strftime(published_on, '%Y-Q') || quarter(published_on) as quarter
    from {{ ref('int_coded_themes') }}
),

counts as (
    select
        theme_id, language, period, prediction, measure,
        count(*) as coded_count,
        sum(weight) as coded_weight,
        sum(weight * weight) as coded_squares,
        count(*) filter (is_true) as true_count,
        sum(if(is_true, weight, 0)) as true_weight,
        sum(if(is_true, weight * weight, 0)) as true_squares
    from (
        select
            *,
            unnest(['about', 'mention']) as measure,
            unnest([is_main, is_named]) as is_true
        from (
            select
                *,
                unnest(if(quarter is null, ['all'], [quarter, 'all'])) as period
            from articles
        )
    )
    group by all
),

-- A prediction without coded articles has a row, too.
groups as (
    select distinct
        theme_id, language, period, measure,
        unnest(['about', 'mentioned', 'absent']) as prediction
    from counts
)

select
    theme_id, language, period, measure, prediction,
    prediction = 'about' or (measure = 'mention' and prediction = 'mentioned') as is_hit,
    coalesce(columns(name -> regexp_matches(name, '^(coded|true)_')), 0)
from groups
left join counts using (theme_id, language, period, measure, prediction)
