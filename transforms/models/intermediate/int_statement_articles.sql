-- One row per article whose statements are computed again: the article or a mention in its body
-- changed.
{{ config(materialized='table', database='memory') }}

select article_id from {{ ref('stg_articles') }}
where {{ 'true' if is_whole('int_statement_articles') else 'false' }}
union
select article_id from {{ ref('int_changed_articles') }}
union
{{ changes_of(source('annotations', 'articles'), 'article_id') }}
union
{{ changes_of(ref('theme_mentions'), 'article_id') }}
