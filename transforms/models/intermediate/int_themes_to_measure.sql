-- One row per theme whose recall and rates are computed again: all themes if codings, coded
-- articles or themes changed, otherwise none.
{{ config(materialized='table', database='memory') }}

with codings as (
    select * from {{ source('ref', 'codings') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
),

changed_themes as (
    {{ changes_of(source('ref', 'themes'), 'theme_id') }}
),

changed as (
    {{ changes_of(source('ref', 'codings'), 'text_hash as changed_id') }}
    union all
    select theme_id as changed_id from changed_themes
    union all
    select codings.text_hash as changed_id from codings
    semi join {{ ref('int_articles_to_assign') }} as articles on codings.article_id = articles.article_id
)

select theme_id from themes
where exists (select 1 from changed) or {{ 'true' if is_whole('int_themes_to_measure') else 'false' }}
union
select theme_id from changed_themes
