-- One row per language and day whose articles show where a sequence was used before: each k-th day
-- of the period and of the year before, so that each has at most 5,000 articles.
{{ config(materialized='table', database='memory') }}

{% set most = 5000 %}

select
    periods.language,
    articles.published_on,
    articles.published_on > periods.before_on as is_recent,
    count(*) as article_count
from {{ ref('stg_articles') }} as articles
inner join {{ ref('int_candidate_periods') }} as periods on {{ primary_language('articles.language') }} = periods.language
where
    articles.excluded_reason is null
    and articles.published_on <= {{ candidates_until() }}
    and articles.published_on > {{ candidates_earliest() }}
    and ({{ candidates_until() }} - articles.published_on)
    % ceil(if(is_recent, periods.window_count, periods.prior_total) / {{ most }})::integer = 0
group by all
