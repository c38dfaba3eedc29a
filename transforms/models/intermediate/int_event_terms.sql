-- One row per counted article with a date, with the terms and marks of its event (tidings/annotation/event_terms.py).
{{ config(
    unique_key='article_id',
    scope='int_articles_to_term',
    scope_on='article_id',
    scope_bounds='event_day_on',
    order_by='event_day_on, article_id'
) }}

select
    articles.article_id,
    articles.published_on as event_day_on,
    coalesce(articles.published_at, articles.first_seen_at) as event_at,
    articles.publisher_id,
    coalesce({{ primary_language('articles.language') }}, '') as language,
    unnest(event_terms(  -- noqa: AL03
        articles.title, left(articles.body_text, 600), coalesce({{ primary_language('articles.language') }}, '')
    ))
from {{ source('core', 'articles') }} as articles
semi join {{ ref('int_articles_to_term') }} as to_term on articles.article_id = to_term.article_id
where
    articles.excluded_reason is null
    and articles.published_on is not null
    and {{ bounds(source('core', 'articles'), 'first_seen_at', ref('int_articles_to_term'), name='articles.first_seen_at') }}
