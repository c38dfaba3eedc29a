-- One row per article of the 28 days and shortlisted sequence, or part of one, that it holds: with or without evidence.
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
        hold_candidates(language, list(key order by key)) as token
    from shortlist
    group by language
),

found as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        held.language,
        unnest(find_candidates(articles.title || chr(10) || articles.body_text, held.token)) as place
    from articles
    inner join held on lower(regexp_extract(articles.language, '^[^-_]+')) = held.language
),

final as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        place.key as key,
        place.before as before_word,
        place.after as after_word,
        place.start_offset as start_offset,
        place.end_offset as end_offset
    from found
)

select
    article_id,
    publisher_id,
    published_on,
    language,
    key,
    before_word,
    after_word,
    start_offset,
    end_offset
from final
