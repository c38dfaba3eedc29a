-- One row per article whose links to other articles are computed again: the article or its publisher changed.
{{ config(materialized='table', database='memory') }}

with articles as (
    select * from {{ ref('stg_articles') }}
    where
        {{ 'true' if is_whole('int_articles_to_link') else 'false' }}
        or publisher_id in ({{ changes_of(source('ref', 'publishers'), 'publisher_id') }})
)

select article_id from articles
union
select article_id from {{ ref('int_changed_articles') }}
