-- One row per article whose word sequences are computed again: the article changed.
{{ config(materialized='table', database='memory') }}

select article_id from {{ ref('stg_articles') }}
where {{ 'true' if is_whole('int_candidate_articles') else 'false' }}
union
select article_id from {{ ref('int_changed_articles') }}
