{{ config(
    unique_key=['month_start_on', 'theme_id', 'other_theme_id'],
    meta={'changed': 'month_start_on', 'period': 'month'}
) }}

with article_themes as (
    select
        theme_id, article_id,
        date_trunc('month', published_on)::date as month_start_on,
        counted_theme_ids
    from {{ ref('article_themes') }} as theme_articles
    inner join {{ ref('stg_themes') }} as themes using (theme_id)
    where is_counted and {{ is_changed('theme_articles.published_on', 'month') }}
),

pairs as (
    select
        base.month_start_on, base.theme_id,
        other.theme_id as other_theme_id,
        count(*) as article_count
    from article_themes as base
    inner join article_themes as other
        on base.article_id = other.article_id and base.theme_id < other.theme_id
    where
        not list_contains(base.counted_theme_ids, other.theme_id)
        and not list_contains(other.counted_theme_ids, base.theme_id)
    group by all
)

select
    month_start_on, theme_id, other_theme_id, pairs.article_count,
    base.article_count as theme_article_count,
    other.article_count as other_article_count,
    base.total_count,
    npmi(pairs.article_count, base.article_count, other.article_count, base.total_count)
        as npmi
from pairs
inner join {{ ref('theme_monthly') }} as base using (theme_id, month_start_on)
inner join {{ ref('theme_monthly') }} as other
    on other_theme_id = other.theme_id and pairs.month_start_on = other.month_start_on
