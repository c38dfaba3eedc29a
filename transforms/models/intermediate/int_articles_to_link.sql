-- One row per article whose links to other articles are computed again: the article or its
-- publisher changed.
{{ config(materialized='table', database='memory') }}

select article_id from {{ ref('stg_articles') }}
where
    {{ 'true' if is_whole('int_articles_to_link') else 'false' }}
    or publisher_id in ({{ changes_of(source('ref', 'publishers'), 'publisher_id') }})
union
select article_id from {{ ref('int_changed_articles') }}
