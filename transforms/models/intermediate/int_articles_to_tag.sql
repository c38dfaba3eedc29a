-- One row per article whose mentions are computed again. The article changed, or it contains a phrase that was added to, changed in
-- or removed from the word list.
{{ config(materialized='table', database='memory') }}

{% set languages = changed_phrase_languages() %}

with articles as (
    select * from {{ ref('stg_articles') }}
),

texts as (
    select * from {{ source('core', 'articles') }}
),

changed_articles as (
    select * from {{ ref('int_changed_articles') }}
),

to_tag as (
    select
        article_id,
        seen_from,
        seen_until
    from changed_articles
    {% if is_whole('int_articles_to_tag') %}
    union all
    select
        article_id,
        first_seen_at as seen_from,
        first_seen_at as seen_until
    from articles
    {% elif languages %}
    -- Read texts only in the languages whose phrases changed.
    union all
    select
        article_id,
        first_seen_at as seen_from,
        first_seen_at as seen_until
    from texts
    where
        excluded_reason is null
        and (language is null or lower(regexp_extract(language, '^[^-_]+')) in ({{ "'" ~ languages | join("', '") ~ "'" }}))
        and has_changed_phrase(title, body_text, language)
    {% endif %}
)

select
    article_id,
    min(seen_from) as seen_from,
    max(seen_until) as seen_until
from to_tag
group by article_id
