-- One row per language and day whose articles show where a sequence was used before: each k-th day of the period and of the year
-- before, so that each has at most 5,000 articles.
{{ config(materialized='table', database='memory') }}

{% set most = 5000 %}

with articles as (
    select
        periods.language,
        stg_articles.published_on,
        stg_articles.published_on > periods.before_on as is_recent
    from {{ ref('stg_articles') }} as stg_articles
    inner join {{ ref('int_candidate_periods') }} as periods
        on lower(regexp_extract(stg_articles.language, '^[^-_]+')) = periods.language
    where
        stg_articles.excluded_reason is null
        and stg_articles.published_on <= {{ candidates_until() }}
        and stg_articles.published_on > {{ candidates_earliest() }}
),

steps as (
    select
        language,
        is_recent,
        ceil(count(*) / {{ most }})::integer as step
    from articles
    group by language, is_recent
),

days as (
    select
        language,
        published_on,
        is_recent,
        count(*) as article_count
    from articles
    group by language, published_on, is_recent
)

select
    days.language,
    days.published_on,
    days.is_recent,
    days.article_count
from days
inner join steps on days.language = steps.language and days.is_recent = steps.is_recent
where ({{ candidates_until() }} - days.published_on) % steps.step = 0
