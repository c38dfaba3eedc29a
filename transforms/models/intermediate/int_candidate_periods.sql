-- One row per language: the days over which its candidates are counted, and the day before them. A language with fewer than 200
-- articles in 28 days is counted over 84 days if at least half as many articles precede them.
{{ config(materialized='table', database='memory') }}

{% set fewest = 200 %}

with articles as (
    select
        lower(regexp_extract(language, '^[^-_]+')) as language,
        published_on
    from {{ ref('stg_articles') }}
    where
        excluded_reason is null
        and language is not null
        and published_on <= {{ candidates_until() }}
        and published_on > {{ candidates_earliest() }}
),

counts as (
    select
        language,
        count(*) filter (where published_on > {{ candidates_until() }} - 28) as month_count,
        count(*) filter (where published_on > {{ candidates_until() }} - 84) as quarter_count,
        count(*) as all_count
    from articles
    group by language
)

select
    language,
    if(month_count < {{ fewest }} and all_count >= 1.5 * quarter_count, 84, 28) as period_days,
    {{ candidates_until() }} - period_days as before_on
from counts
