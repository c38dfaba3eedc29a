-- One row per language and sequence that recurs in the period up to the run time, with or without
-- evidence of policy.
--
-- The search reads at most 5,000 articles of a language: with more, every second or every k-th day.
{{ config(materialized='table', database='memory') }}

with days as (
    select * from {{ ref('int_candidate_days') }}
    where is_recent
),

articles as (
    select * from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and published_on > {{ candidates_until() }} - 84
        and published_on <= {{ candidates_until() }}
),

texts as (
    select
        days.language,
        list(articles.title || chr(10) || articles.body_text order by articles.published_on, articles.article_id) as texts
    from articles
    inner join days
        on
            {{ primary_language('articles.language') }} = days.language
            and articles.published_on = days.published_on
    group by days.language
),

names as (
    select
        language,
        unnest(recurring_names(language, texts)) as phrase
    from texts
)

select
    language,
    regexp_replace(lower(phrase), '[-''’]', ' ', 'g') as key,
    min(phrase) as phrase
from names
group by all
