-- One row per story: a text together with its copies and translations in all outlets and languages.
{{ config(unique_key='story_id', meta={'changed': 'first_published_on'}) }}

select
    story_id,
    first_articles.publisher_id as first_publisher_id,
    first_articles.published_on as first_published_on,
    coalesce(first_articles.published_at, first_articles.first_seen_at) as first_at,
    first_articles.title,
    max(members.published_on) as last_published_on,
    count(*) as article_count,
    count(distinct members.publisher_id) as outlet_count,
    list_sort(list(distinct members.language) filter (members.language is not null))
        as languages
from {{ ref('article_stories') }}
inner join {{ source('core', 'articles') }} as members using (article_id)
inner join {{ source('core', 'articles') }} as first_articles
    on story_id = first_articles.article_id
where {{ is_changed('first_articles.published_on') }}
group by all
