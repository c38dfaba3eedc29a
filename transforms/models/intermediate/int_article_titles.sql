{{ config(materialized='view') }}

from article_titles('{{ source('core', 'articles') }}')
