-- One row per article whose terms are computed again: the article changed.
{{ config(materialized='table', database='memory') }}

select article_id from {{ ref('stg_articles') }}
where {{ 'true' if is_whole('int_articles_to_term') else 'false' }}
union
select article_id from {{ ref('int_changed_articles') }}
