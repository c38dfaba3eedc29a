-- One row per counted article with a title: the title without marks, such as [Video], and rubrics.
{{ config(materialized='view') }}

select * from article_titles('{{ source('core', 'articles') }}')
