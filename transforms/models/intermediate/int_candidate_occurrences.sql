-- One row per article of the period and of selected days of the year before (int_candidate_days):
-- the shortlisted sequences in its text, with or without evidence, and the parts of these
-- sequences.
{{ config(materialized='table', database='memory') }}

with articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and published_on > {{ candidates_earliest() }}
        and published_on <= {{ candidates_until() }}
),

candidate_sets as (
    select
        language,
        prepare_candidates(language, list(key order by key)) as token
    from {{ ref('int_candidate_shortlist') }}
    group by language
),

final as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        candidate_sets.language,
        candidate_sets.token,
        length(articles.body_text) as text_length,
        articles.published_on > periods.before_on as is_recent,
        find_candidates(articles.title || chr(10) || articles.body_text, candidate_sets.token) as matches
    from articles
    inner join candidate_sets on {{ primary_language('articles.language') }} = candidate_sets.language
    inner join {{ ref('int_candidate_periods') }} as periods on candidate_sets.language = periods.language
    left join {{ ref('int_candidate_days') }} as days
        on candidate_sets.language = days.language and articles.published_on = days.published_on
    where articles.published_on > periods.before_on or days.language is not null
)

select
    * exclude (matches),
    matches.places as places,
    matches.numbers as numbers
from final
