-- One row per publisher and day with articles: their counts.
{{ config(
    unique_key=['publisher_id', 'published_on'],
    scope='int_days_to_count',
    scope_on='published_on',
    order_by='published_on, publisher_id'
) }}

with articles as (
    select * from {{ ref('int_article_themes') }}
    where {{ bounds(ref('int_article_themes'), 'published_on', ref('int_days_to_count'), 'published_on') }}
)

select
    articles.publisher_id,
    articles.published_on,
    count(*) filter (where articles.is_counted) as article_count,
    count(distinct stories.story_id) as story_count,
    count(*) filter (where not articles.is_counted) as excluded_count,
    bool_or(articles.is_imported) as has_imported
from articles
semi join {{ ref('int_days_to_count') }} as days_to_count on articles.published_on = days_to_count.published_on
left join {{ ref('article_stories') }} as stories on articles.article_id = stories.article_id
group by articles.publisher_id, articles.published_on
