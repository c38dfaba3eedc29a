-- One row per article whose themes and areas are computed again: its mentions did, or the list of
-- themes changed.
{{ config(materialized='table', database='memory') }}

select article_id from {{ ref('stg_articles') }}
where {{ 'true' if is_whole('int_articles_to_assign') else 'false' }}
union
select article_id from {{ ref('int_articles_to_tag') }}
union
select article_id from {{ ref('theme_mentions') }}
where exists (select 1 from ({{ changes_of(source('ref', 'themes'), 'theme_id') }}))
