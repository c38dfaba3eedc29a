-- One row per article whose story edges must be found again: those to tag, but for a changed word list, which makes no story.
{{ config(materialized='table', database='memory') }}

with to_tag as (
    select * from {{ ref('int_articles_to_tag') }}
),

final as (
    select * from to_tag
    where is_other
)

select
    article_id,
    seen_from,
    seen_until
from final
