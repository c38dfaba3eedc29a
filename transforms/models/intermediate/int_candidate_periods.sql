-- One row per language: the days over which its candidates are counted, the day before them, and
-- the articles of both. A language with fewer than 200 articles in 28 days is counted over 84 days
-- if at least half as many articles precede them.
{{ config(materialized='table', database='memory') }}

{% set fewest = 200 %}

with counts as (
    select
        {{ primary_language('language') }} as language,
        count(*) filter (where published_on > {{ candidates_until() }} - 28) as month_count,
        count(*) filter (where published_on > {{ candidates_until() }} - 84) as quarter_count,
        count(*) as all_count
    from {{ ref('stg_articles') }} as articles
    where
        excluded_reason is null
        and articles.language is not null
        and published_on <= {{ candidates_until() }}
        and published_on > {{ candidates_earliest() }}
    group by all
)

select
    language,
    if(month_count < {{ fewest }} and all_count >= 1.5 * quarter_count, 84, 28) as period_days,
    {{ candidates_until() }} - period_days as before_on,
    if(period_days = 84, quarter_count, month_count) as window_count,
    all_count - window_count as prior_total
from counts
