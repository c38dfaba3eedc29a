-- One row per article and theme that it mentions, including parent themes: whether the article is
-- about the theme, and whether it counts. Rows that count are the numerator of all theme tables: a
-- text in several languages counts with one of its versions.
{{ config(
    unique_key=['article_id', 'theme_id'],
    meta={'changed': 'published_on', 'order_by': 'published_on, article_id, theme_id'}
) }}

with mentions as (
    select * from {{ source('annotations', 'mentions') }}
    where {{ is_changed('published_on') }}
),

articles as (
    select
        articles.article_id,
        articles.publisher_id,
        articles.published_on,
        language,
        -- An article with a future date is not counted until that day.
        coalesce(text_id = articles.article_id, false)
        and outlet_daily.published_on is not null as is_counted
    from {{ source('core', 'articles') }}
    left join {{ source('annotations', 'stories') }}
        on articles.article_id = stories.article_id
    left join {{ ref('outlet_daily') }}
        on
            articles.publisher_id = outlet_daily.publisher_id
            and articles.published_on = outlet_daily.published_on
    where {{ is_changed('articles.published_on') }}
),

themes as (
    select * from {{ ref('stg_themes') }}
)

select
    found.article_id,
    theme_id,
    mention_count,
    title_count,
    lead_count,
    is_about,
    publisher_id,
    published_on,
    language,
    is_counted
from assign_themes('mentions', 'themes') as found
inner join articles on found.article_id = articles.article_id
