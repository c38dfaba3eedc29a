-- One row per article whose mentions are computed again. The article changed, or it contains a phrase that was added to, changed
-- in or removed from the word list.
{{ config(materialized='table', database='memory') }}

{% set languages = changed_phrase_languages() %}
{% set language_list = "'" ~ languages | join("', '") ~ "'" %}

-- Read texts only in the languages whose phrases changed.
with texts as (
    select * from {{ source('core', 'articles') }}
    where
        {{ 'true' if languages else 'false' }}
        and excluded_reason is null
        and (language is null or {{ primary_language('language') }} in ({{ language_list }}))
        and has_changed_phrase(title, body_text, language)
),

to_tag as (
    select
        article_id,
        seen_from,
        seen_until
    from {{ ref('int_changed_articles') }}
    union all
    select
        article_id,
        first_seen_at as seen_from,
        first_seen_at as seen_until
    from {{ ref('stg_articles') }}
    where {{ 'true' if is_whole('int_articles_to_tag') else 'false' }}
    union all
    select
        article_id,
        first_seen_at as seen_from,
        first_seen_at as seen_until
    from texts
)

select
    article_id,
    min(seen_from) as seen_from,
    max(seen_until) as seen_until
from to_tag
group by article_id
