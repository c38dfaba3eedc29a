-- Rows that count are the numerator of all theme tables: a text in several languages counts with
-- one of its versions.
{{ config(unique_key=['article_id', 'theme_id'], meta={'changed': 'published_on'}) }}

with mentions as (
    from {{ source('annotations', 'mentions') }}
    where {{ is_changed('published_on') }}
),

articles as (
    select
        article_id, publisher_id, published_on, language,
        coalesce(text_kind in ('sports_event', 'obituary'), false) as is_without_policy,
        -- An article with a future date is not counted until that day.
        coalesce(text_id = article_id, false)
        and outlet_daily.published_on is not null as is_counted
    from {{ source('core', 'articles') }}
    left join {{ ref('article_stories') }} using (article_id)
    left join {{ ref('outlet_daily') }} using (publisher_id, published_on)
    where {{ is_changed('articles.published_on') }}
)

select
    article_id, theme_id, mention_count, title_count, lead_count,
    is_about and not is_without_policy as is_about,
    publisher_id, published_on, language, is_counted
from assign_themes('mentions', '{{ ref('stg_themes') }}') as found
inner join articles using (article_id)
