{{ config(
    unique_key=['theme_id', 'publisher_id', 'published_on'],
    meta={'changed': 'published_on'}
) }}

with counts as (
    select
        theme_id, publisher_id, published_on,
        count(*) as article_count,
        count(*) filter (is_about) as about_count,
        sum(version_count)::bigint as version_count,
        count(distinct story_id) as story_count
    from {{ ref('article_themes') }}
    inner join {{ ref('article_stories') }} as stories using (article_id)
    where is_counted and {{ is_changed('article_themes.published_on') }}
    group by all
),

grid as (
    select
        theme_id, publisher_id, published_on,
        coalesce(columns(counts.* exclude (theme_id, publisher_id, published_on)), 0),
        text_count as total_count,
        is_gap, is_complete
    from {{ ref('outlet_daily') }}
    cross join {{ ref('stg_themes') }} as themes
    left join counts using (theme_id, publisher_id, published_on)
    where {{ is_changed('outlet_daily.published_on') }}
)

select
    theme_id, publisher_id, published_on, article_count, about_count, version_count, story_count,
    total_count,
    {{ share_columns('article_count', 'total_count', 'not is_gap', 'mention_share') }},
    {{ share_columns('about_count', 'total_count', 'not is_gap', 'about_share') }},
    is_gap,
    if(is_gap, 0, 1) as covered_days,
    is_complete
from grid
