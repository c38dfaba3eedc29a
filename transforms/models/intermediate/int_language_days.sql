-- One row per primary language and day: the number of articles in which a phrase of this language
-- can occur, and of those that theme tables count.
{{ config(unique_key=['language', 'published_on'], meta={'order_by': 'published_on, language'}) }}

select
    coalesce(primary_language(articles.language), 'unknown') as language,
    articles.published_on,
    count(*) as article_count,
    count(*) filter (where stories.text_id = articles.article_id) as text_count
from {{ source('core', 'articles') }} as articles
left join {{ source('annotations', 'stories') }} as stories
    on articles.article_id = stories.article_id
semi join {{ ref('outlet_daily') }} as outlet_daily
    on
        articles.publisher_id = outlet_daily.publisher_id
        and articles.published_on = outlet_daily.published_on
where articles.excluded_reason is null
group by all
