-- One row per theme with coded articles: the change of its corrected share in the panel of
-- share_change, and whether recall was the same in the coded articles of both periods.
-- depends_on: {{ ref('int_day_versions') }}, before which the true rates are computed
{{ config(unique_key='theme_id') }}

with panel_days as (
    select
        publisher_id,
        published_on,
        published_on > max(published_on) over () - 28 as is_now
    from {{ ref('outlet_daily') }}
    where not is_gap
    qualify published_on > max(published_on) over () - 56
),

articles as (
    select
        articles.article_id,
        articles.publisher_id,
        coalesce(primary_language(articles.language), 'unknown') as language,
        panel_days.is_now
    from {{ source('core', 'articles') }} as articles
    inner join {{ ref('article_stories') }} as stories
        on articles.article_id = stories.article_id and stories.text_id = articles.article_id
    inner join panel_days
        on
            articles.publisher_id = panel_days.publisher_id
            and articles.published_on = panel_days.published_on
    semi join {{ ref('int_panel_outlets') }} as panel
        on articles.publisher_id = panel.publisher_id
    where articles.excluded_reason is null
),

outlets as (
    select
        publisher_id,
        count(*) filter (where is_now) as now_total,
        count(*) filter (where not is_now) as previous_total
    from articles
    group by publisher_id
    having now_total > 0 and previous_total > 0
),

-- Previous articles have the weights of share_change, scaled to Kish's effective number.
weighted as (
    select
        articles.*,
        if(articles.is_now, 1, outlets.now_total / outlets.previous_total * scale.scale) as weight
    from articles
    inner join outlets on articles.publisher_id = outlets.publisher_id
    cross join (
        select sum(each.now_total) / sum(power(each.now_total, 2) / each.previous_total) as scale
        from outlets as each
    ) as scale
),

rates as (
    select * from {{ source('annotations', 'true_rates') }}
),

found as (
    select
        weighted.*,
        themes.theme_id,
        themes.is_about
    from weighted
    inner join {{ ref('article_themes') }} as themes on weighted.article_id = themes.article_id
),

sums as (
    select
        rated.theme_id,
        totals.language,
        totals.now_total,
        totals.previous_total,
        coalesce(counts.now_about, 0) as now_about,
        coalesce(counts.now_mentioned, 0) as now_mentioned,
        coalesce(counts.previous_about, 0) as previous_about,
        coalesce(counts.previous_mentioned, 0) as previous_mentioned
    from (
        select
            language,
            coalesce(sum(weight) filter (where is_now), 0) as now_total,
            coalesce(sum(weight) filter (where not is_now), 0) as previous_total
        from weighted
        group by language
    ) as totals
    cross join (select distinct theme_id from rates) as rated
    left join (
        select
            theme_id,
            language,
            coalesce(sum(weight) filter (where is_now and is_about), 0) as now_about,
            coalesce(sum(weight) filter (where is_now and not is_about), 0) as now_mentioned,
            coalesce(sum(weight) filter (where not is_now and is_about), 0) as previous_about,
            coalesce(sum(weight) filter (where not is_now and not is_about), 0)
                as previous_mentioned
        from found
        group by all
    ) as counts
        on rated.theme_id = counts.theme_id and totals.language = counts.language
),

counted as (
    select
        theme_id as series,
        theme_id,
        language,
        unnest(['about', 'mentioned', 'absent']) as prediction,
        unnest([now_about, now_mentioned, greatest(now_total - now_about - now_mentioned, 0)])
            as article_count,
        unnest([
            previous_about,
            previous_mentioned,
            greatest(previous_total - previous_about - previous_mentioned, 0)
        ]) as previous_count
    from sums
),

strata as (
    select * from rated_strata('counted', 'rates')
),

changes as (
    select * from corrected_changes('strata')
),

coded as (
    select
        {
            'theme_id': coded.theme_id, 'is_now': coded.published_on > days.until_on - 28
        } as series,
        coded.prediction = 'about' as is_hit,
        sum(coded.weight) as coded_weight,
        sum(power(coded.weight, 2)) as coded_squares,
        count(*) filter (where coded.is_main) as true_count,
        coalesce(sum(coded.weight) filter (where coded.is_main), 0) as true_weight,
        coalesce(sum(power(coded.weight, 2)) filter (where coded.is_main), 0) as true_squares
    from {{ ref('int_coded_themes') }} as coded
    cross join (select max(published_on) as until_on from panel_days) as days
    where coded.published_on > days.until_on - 56 and coded.published_on <= days.until_on
    group by series, is_hit
),

recalls as (
    select
        rates.*,
        counts.true_count
    from recall_rates('coded') as rates
    inner join (
        select series, sum(true_count) as true_count from coded
        group by series
    ) as counts
        on rates.series = counts.series
),

-- The interval of the difference, by MOVER.
tested as (
    select
        now.series.theme_id,
        if(
            now.recall > before.recall,
            now.recall - before.recall <= sqrt(
                power(now.recall - now.recall_low, 2)
                + power(before.recall_high - before.recall, 2)
            ),
            before.recall - now.recall <= sqrt(
                power(now.recall_high - now.recall, 2)
                + power(before.recall - before.recall_low, 2)
            )
        ) as is_recall_equal
    from recalls as now
    inner join recalls as before on now.series.theme_id = before.series.theme_id
    where
        now.series.is_now and not before.series.is_now
        and now.true_count >= 10 and before.true_count >= 10
)

-- Rounded: sums in another order must not make a row differ.
select
    changes.series as theme_id,
    round(columns(changes.* exclude (series)), 9),
    tested.is_recall_equal
from changes
left join tested on changes.series = tested.theme_id
