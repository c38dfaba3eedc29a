{{ config(
    unique_key=['theme_id', 'month_start_on'],
    meta={'changed': 'month_start_on', 'period': 'month'}
) }}

select
    theme_id, month_start_on,
    sum(article_count)::bigint as article_count,
    count(*) filter (article_count > 0) as theme_outlet_count,
    count(*) filter (total_count > 0) as outlet_count,
    round(hhi(article_count), 12) as hhi,
    round(hhi(total_count), 12) as total_hhi,
    round(1 / (hhi(article_count)), 9) as effective_outlet_count
from {{ ref('int_theme_outlet_months') }}
where {{ is_changed('month_start_on', 'month') }}
group by all
