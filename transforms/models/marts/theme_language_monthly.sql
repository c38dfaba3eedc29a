-- One row per theme, primary language and month with articles in the language, for every theme.
{{ config(
    unique_key=['theme_id', 'language', 'month_start_on'],
    meta={
        'changed': 'month_start_on',
        'period': 'month',
        'order_by': 'month_start_on, theme_id, language'
    }
) }}

with months as (
    select
        language,
        date_trunc('month', published_on)::date as month_start_on,
        sum(article_count)::bigint as total_count
    from {{ ref('int_language_days') }}
    where {{ is_changed('published_on', 'days_of_month') }}
    group by all
),

counts as (
    select
        theme_id,
        coalesce(primary_language(language), 'unknown') as language,
        date_trunc('month', published_on)::date as month_start_on,
        count(*) as article_count,
        count(*) filter (where is_about) as about_count
    from {{ ref('article_themes') }}
    where is_counted and {{ is_changed('published_on', 'days_of_month') }}
    group by all
)

select
    themes.theme_id,
    months.language,
    months.month_start_on,
    coalesce(counts.article_count, 0) as article_count,
    coalesce(counts.about_count, 0) as about_count,
    months.total_count,
    {{ share_columns('coalesce(counts.article_count, 0)', 'months.total_count', 'true') }},
    {{ share_columns(
        'coalesce(counts.about_count, 0)', 'months.total_count', 'true', 'about_share'
    ) }}
from months
cross join {{ ref('stg_themes') }} as themes
left join counts
    on
        themes.theme_id = counts.theme_id
        and months.language = counts.language
        and months.month_start_on = counts.month_start_on
