{{ config(
    unique_key=['phrase_id', 'publisher_id', 'published_on'],
    meta={'changed': 'published_on'}
) }}

select
    phrase_id, publisher_id, published_on,
    count(distinct article_id) as article_count,
    count(*) as mention_count,
    min(coalesce(published_at, first_seen_at)) as first_used_at,
    arg_min(article_id, row(coalesce(published_at, first_seen_at), article_id)) as first_article_id
from {{ source('annotations', 'mentions') }}
semi join {{ ref('outlet_daily') }} using (publisher_id, published_on)
inner join {{ source('core', 'articles') }} using (article_id)
where {{ is_changed('mentions.published_on') }}
group by all
