{{ config(
    unique_key=['theme_id', 'publisher_id', 'month_start_on'],
    meta={'changed': 'month_start_on', 'period': 'month'}
) }}

select
    theme_id, publisher_id,
    date_trunc('month', published_on)::date as month_start_on,
    sum(if(is_gap, 0, article_count))::bigint as article_count,
    sum(if(is_gap, 0, total_count))::bigint as total_count,
    sum(covered_days)::bigint as covered_days
from {{ ref('theme_outlet_daily') }}
where {{ is_changed('published_on', 'month') }}
group by all
