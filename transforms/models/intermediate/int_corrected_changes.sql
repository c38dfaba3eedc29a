-- depends_on: {{ ref('int_day_versions') }}, before which the true rates are computed
{{ config(unique_key='theme_id') }}
{% set rates = source('annotations', 'true_rates') %}

with articles as (
    select
        article_id, publisher_id,
        coalesce(primary_language(language), 'unknown') as language,
        is_now
    from {{ source('core', 'articles') }}
    inner join {{ ref('article_stories') }} using (article_id)
    inner join {{ ref('int_panel_days') }} using (publisher_id, published_on)
    where text_id = article_id and is_panel and excluded_reason is null
),

counted as (
    from panel_counts('articles', '{{ ref('article_themes') }}', '{{ rates }}')
),

strata as (
    from rated_strata('counted', '{{ rates }}')
),

coded as (
    select
        {
            'theme_id': theme_id, 'is_now': published_on > until_on - 28
        } as series,
        prediction = 'about' as is_hit,
        sum(weight) as coded_weight,
        sum(power(weight, 2)) as coded_squares,
        sum(if(is_main, weight, 0)) as true_weight,
        sum(if(is_main, power(weight, 2), 0)) as true_squares
    from {{ ref('int_coded_themes') }} as coded
    cross join (select max(published_on) as until_on from {{ ref('int_panel_days') }})
    where published_on > until_on - 56 and published_on <= until_on
    group by series, is_hit
    qualify sum(count(*) filter (is_main)) over (partition by series) >= 10
),

-- The interval of the difference, by MOVER.
tested as (
    select
        now.series.theme_id,
        abs(now.recall - before.recall) <= if(
            now.recall > before.recall,
            hypotenuse(now.recall - now.recall_low, before.recall_high - before.recall),
            hypotenuse(now.recall_high - now.recall, before.recall - before.recall_low)
        ) as is_recall_equal
    from recall_rates('coded') as now
    inner join recall_rates('coded') as before on now.series.theme_id = before.series.theme_id
    where now.series.is_now and not before.series.is_now
)

-- Rounded: sums in another order must not make a row differ.
select
    changes.series as theme_id,
    round(columns(changes.* exclude (series)), 9),
    tested.is_recall_equal
from corrected_changes('strata') as changes
left join tested on changes.series = tested.theme_id
