{#-
    Return the body of a model with a row per theme and period that contains a changed day, over all
    outlets, for every theme.

    A story in several outlets or on several days of the period counts once. covered_days: days on
    which at least one outlet was not a gap; the share is null if it is 0. is_complete: the period
    is over in the time zone of every outlet, and at least one day was covered. Weeks and months
    also have the share corrected for missed and wrongly counted articles (corrected_shares), and
    panel_share: the share of the covered days of the outlets that were covered on at least half of
    the days of the period, and on at least 14 of the 28 days before it.
-#}
{% macro theme_over_time(time_column, unit) -%}
{#- One day has too few articles for a useful correction. -#}
{%- set has_correction = unit != 'day' -%}
{%- set corrected = "columns('^share_corrected|^pooled_weight$|^outside_gain$')" -%}
with days as (
    select
        date_trunc('{{ unit }}', outlet_daily.published_on)::date as {{ time_column }},
        outlet_daily.published_on, publisher_id, text_count, is_gap, is_over,
        not is_gap
        and 2 * count(*) filter (not is_gap) over outlet >= count(*) over outlet
        and arg_min(is_established, outlet_daily.published_on) over outlet as is_panel
    from {{ ref('outlet_daily') }}
    where {{ is_changed('outlet_daily.published_on', unit) }}
    window
        outlet as (partition by publisher_id, date_trunc('{{ unit }}', outlet_daily.published_on))
),

times as (
    select
        {{ time_column }},
        sum(text_count)::bigint as total_count,
        count(distinct publisher_id) as outlet_count,
        count(distinct publisher_id) filter (not is_gap) as covered_outlet_count,
        count(distinct published_on) filter (not is_gap) as covered_days,
        count(distinct publisher_id) filter (is_panel) as panel_outlet_count,
        coalesce(sum(text_count) filter (is_panel), 0)::bigint as panel_total_count,
        bool_and(is_over)
        and bool_or(not is_gap)
        {%- if has_correction %}
        -- The period may end later than its last day with data.
        and {{ as_of() }} >= timezone('UTC', max({{ time_column }}) + interval 1 {{ unit }})
        {%- endif %} as is_complete
    from days
    group by {{ time_column }}
),

counts as (
    select
        theme_id,
        date_trunc('{{ unit }}', article_themes.published_on)::date as {{ time_column }},
        count(*) as article_count,
        count(*) filter (is_about) as about_count,
        sum(version_count)::bigint as version_count,
        count(distinct story_id) as story_count,
        {%- if has_correction %}
        count(*) filter (is_panel) as panel_article_count,
        {%- endif %}
        count(distinct article_themes.publisher_id) as theme_outlet_count
    from {{ ref('article_themes') }}
    inner join {{ ref('article_stories') }} using (article_id)
    {%- if has_correction %}
    left join days using (publisher_id, published_on)
    {%- endif %}
    where is_counted and {{ is_changed('article_themes.published_on', unit) }}
    group by all
),

{%- if has_correction %}

texts as (
    select
        article_id,
        coalesce(primary_language(language), 'unknown') as language,
        date_trunc('{{ unit }}', published_on)::date as {{ time_column }}
    from {{ source('core', 'articles') }}
    inner join {{ ref('article_stories') }} using (article_id)
    semi join {{ ref('outlet_daily') }} using (publisher_id, published_on)
    where text_id = article_id and excluded_reason is null and {{ is_changed('published_on', unit) }}
),

totals as (
    select
        language, {{ time_column }},
        count(*) as language_count
    from texts
    group by all
),

language_counts as (
    select
        theme_id,
        coalesce(primary_language(language), 'unknown') as language,
        date_trunc('{{ unit }}', published_on)::date as {{ time_column }},
        count(*) filter (is_about) as about_count,
        count(*) filter (not is_about) as mentioned_count
    from {{ ref('article_themes') }}
    where is_counted and {{ is_changed('published_on', unit) }}
    group by all
),

rates as (
    from {{ source('annotations', 'true_rates') }}
),

-- Labels of other programs divide the articles with a prediction.
divided as (
    select
        theme_id, texts.language, {{ time_column }},
        concat(
            case when is_about then 'about' when not is_about then 'mentioned' else 'absent' end,
            coalesce(outside.label, ':unlabelled')
        ) as prediction,
        count(*) as article_count
    from texts
    cross join (select distinct theme_id from rates where prediction like '%:%')
    left join {{ ref('article_themes') }} using (article_id, theme_id)
    left join outside_groups('{{ source('ref', 'outside_labels') }}') as outside
        using (article_id, theme_id)
    group by all
),

predicted as (
    select
        theme_id, language, {{ time_column }},
        unnest(['about', 'mentioned', 'absent']) as prediction,
        unnest([
            coalesce(about_count, 0),
            coalesce(mentioned_count, 0),
            language_count - coalesce(about_count + mentioned_count, 0)
        ]) as article_count
    from totals
    cross join (select distinct theme_id from rates)
    left join language_counts using (theme_id, language, {{ time_column }})
    union all by name
    from divided
),

strata as (
    select
        *,
        {
            'theme_id': theme_id, '{{ time_column }}': {{ time_column }},
            'is_divided': prediction like '%:%'
        } as series
    from rated_strata('predicted', 'rates')
),

corrected as (
    select
        series.*,
        * exclude (series),
        1 - (share_corrected_high - share_corrected_low)
        / lag(share_corrected_high - share_corrected_low) over own_period as outside_gain
    from corrected_shares('strata')
    window
        own_period as (
            partition by series.theme_id, series.{{ time_column }} order by series.is_divided
        )
    qualify lead(true) over own_period is null
),
{%- endif %}

grid as (
    select
        themes.theme_id,
        {{ time_column }}, covered_days, is_complete,
        {%- if has_correction %}
        round({{ corrected }}, 9),
        coalesce(corrected.reason, if(corrected.theme_id is null, 'too_few_coded', null))
            as correction_reason,
        assumes_perfect_coding,
        {%- endif %}
        coalesce(columns(name -> ends_with(name, '_count')), 0)
    from times
    cross join {{ ref('stg_themes') }} as themes
    left join counts using (theme_id, {{ time_column }})
    {%- if has_correction %}
    left join corrected using (theme_id, {{ time_column }})
    cross join (select bool_and(assumes_perfect_coding) as assumes_perfect_coding from rates)
    {%- endif %}
)

select
    theme_id,
    {{ time_column }},
    article_count, about_count, version_count, story_count, total_count,
    {{ share_columns('article_count', 'total_count', 'covered_days > 0', 'mention_share') }},
    {{ share_columns('about_count', 'total_count', 'covered_days > 0', 'about_share') }},
    {%- if has_correction %}
    case when covered_days > 0 then {{ corrected }} end,
    if(covered_days > 0, correction_reason, 'no_articles') as correction_reason,
    assumes_perfect_coding,
    panel_article_count, panel_total_count,
    {{ share_columns('panel_article_count', 'panel_total_count', 'true', 'panel_share') }},
    panel_outlet_count,
    {%- endif %}
    theme_outlet_count, covered_outlet_count, outlet_count, covered_days, is_complete
from grid
{%- endmacro %}

