{{ config(materialized='view') }}

select * from article_titles('{{ source('core', 'articles') }}')
