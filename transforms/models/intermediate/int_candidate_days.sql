-- One row per language and day whose articles show where a sequence was used before: each k-th day of the 28 days and of the year
-- before, so that each period has at most 10,000 articles.
{{ config(materialized='table', database='memory') }}

{% set most = 10000 %}

with articles as (
    select
        lower(regexp_extract(language, '^[^-_]+')) as language,
        published_on,
        published_on > {{ candidates_from() }} as is_recent
    from {{ ref('stg_articles') }}
    where
        excluded_reason is null
        and language is not null
        and published_on <= {{ candidates_until() }}
        and published_on > {{ candidates_from() }} - 365
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
    days.article_count
from days
inner join steps on days.language = steps.language and days.is_recent = steps.is_recent
where ({{ candidates_until() }} - days.published_on) % steps.step = 0
