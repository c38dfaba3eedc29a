-- One row per article of the 28 days and of selected days of the year before (int_candidate_days): the shortlisted sequences in its text, with or without evidence, and the parts of these
-- sequences.
{{ config(materialized='table', database='memory') }}

with shortlist as (
    select * from {{ ref('int_candidate_shortlist') }}
),

articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and published_on > {{ candidates_from() }} - 365
        and published_on <= {{ candidates_until() }}
),

days as (
    select * from {{ ref('int_candidate_days') }}
),

candidate_sets as (
    select
        language,
        prepare_candidates(language, list(key order by key)) as token
    from shortlist
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
        find_candidates(articles.title || chr(10) || articles.body_text, candidate_sets.token) as matches
    from articles
    inner join candidate_sets on lower(regexp_extract(articles.language, '^[^-_]+')) = candidate_sets.language
    left join days on candidate_sets.language = days.language and articles.published_on = days.published_on
    where articles.published_on > {{ candidates_from() }} or days.language is not null
)

select
    article_id,
    publisher_id,
    published_on,
    language,
    token,
    text_length,
    matches.places as places,
    matches.numbers as numbers
from final
