-- One row per theme, language, period, measure and prediction of the word list: the coded articles,
-- and those for which the theme is true. Language and period may be "all".
{{ config(materialized='view', database='memory') }}

with coded as (
    select
        * exclude (language),
        unnest([language, 'all']) as language
    from {{ ref('int_coded_themes') }}
),

-- An article without a date has no quarter.
articles as (
    select
        * exclude (published_on),
        unnest(if(published_on is null, ['all'], [strftime(published_on, '%Y-Q') || quarter(published_on), 'all'])) as period
    from coded
),

totals as (
    select
        language,
        period,
        count(*) as coded_count,
        sum(weight) as coded_weight,
        sum(weight * weight) as coded_squares
    from articles
    where theme_id is null
    group by language, period
),

counts as (
    select
        theme_id,
        language,
        period,
        prediction,
        measure,
        count(*) as coded_count,
        sum(weight) as coded_weight,
        sum(weight * weight) as coded_squares,
        count(*) filter (where is_true) as true_count,
        coalesce(sum(weight) filter (where is_true), 0) as true_weight,
        coalesce(sum(weight * weight) filter (where is_true), 0) as true_squares
    from (
        select
            *,
            unnest(['about', 'mention']) as measure,
            unnest([is_main, is_named]) as is_true
        from articles
        where theme_id is not null
    )
    group by theme_id, language, period, prediction, measure
),

grid as (
    select
        themes.theme_id,
        totals.language,
        totals.period,
        measures.measure,
        predictions.prediction,
        totals.coded_count as total_count,
        totals.coded_weight as total_weight,
        totals.coded_squares as total_squares
    from totals
    cross join {{ ref('stg_themes') }} as themes
    cross join (select unnest(['about', 'mention']) as measure) as measures
    cross join (select unnest(['about', 'mentioned', 'absent']) as prediction) as predictions
),

filled as (
    select
        grid.*,
        coalesce(counts.coded_count, 0) as coded_count,
        coalesce(counts.coded_weight, 0) as coded_weight,
        coalesce(counts.coded_squares, 0) as coded_squares,
        coalesce(counts.true_count, 0) as true_count,
        coalesce(counts.true_weight, 0) as true_weight,
        coalesce(counts.true_squares, 0) as true_squares
    from grid
    left join counts using (theme_id, language, period, measure, prediction)
)

select
    theme_id,
    language,
    period,
    measure,
    prediction,
    prediction = 'about' or (measure = 'mention' and prediction = 'mentioned') as is_hit,
    -- The absent articles are all coded articles without those in which the list found the theme.
    if(
        prediction = 'absent', total_count - sum(coded_count) filter (where prediction != 'absent') over others, coded_count
    ) as coded_count,
    if(
        prediction = 'absent', total_weight - sum(coded_weight) filter (where prediction != 'absent') over others, coded_weight
    ) as coded_weight,
    if(
        prediction = 'absent', total_squares - sum(coded_squares) filter (where prediction != 'absent') over others, coded_squares
    ) as coded_squares,
    true_count,
    true_weight,
    true_squares
from filled
window others as (partition by theme_id, language, period, measure)
