-- One row per primary language and day: the number of articles in which a phrase of this language
-- can occur.
{{ config(unique_key=['language', 'published_on'], meta={'order_by': 'published_on, language'}) }}

select
    coalesce(primary_language(language), 'unknown') as language,
    published_on,
    count(*) as article_count
from {{ source('core', 'articles') }}
semi join {{ ref('outlet_daily') }} as outlet_daily using (publisher_id, published_on)
where excluded_reason is null
group by all
