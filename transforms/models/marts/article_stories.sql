-- One row per article: the story that it belongs to.
{{ config(
    unique_key='article_id',
    order_by='story_id, article_id'
) }}

with articles as (
    select * from {{ ref('stg_articles') }}
),

final as (
    select
        article_id,
        article_id as story_id
    from articles
    where excluded_reason is null
)

select
    article_id,
    story_id
from final
