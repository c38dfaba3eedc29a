-- One row per article of the 28 days: which shortlisted sequences it holds, with evidence or without, and which of their parts.
{{ config(materialized='table', database='memory') }}

with shortlist as (
    select * from {{ ref('int_candidate_shortlist') }}
),

articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and published_on > {{ candidates_from() }}
        and published_on <= {{ candidates_until() }}
),

held as (
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
        held.language,
        held.token,
        find_candidates(articles.title || chr(10) || articles.body_text, held.token) as found
    from articles
    inner join held on lower(regexp_extract(articles.language, '^[^-_]+')) = held.language
)

select
    article_id,
    publisher_id,
    published_on,
    language,
    token,
    found.places as places,
    found.numbers as numbers
from final
