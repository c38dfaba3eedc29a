-- One row per counted article with a date, with the terms and marks by which its event is found (transforms/text/event_terms.py).
{{ config(
    unique_key='article_id',
    scope='int_articles_to_term',
    scope_on='article_id',
    scope_bounds='event_day_on',
    order_by='event_day_on, article_id'
) }}

with articles as (
    select
        article_id,
        publisher_id,
        coalesce(lower(regexp_extract(language, '^[^-_]+')), '') as language,
        title,
        left(body_text, 600) as lead,
        published_on as event_day_on,
        coalesce(published_at, first_seen_at) as event_at
    from {{ source('core', 'articles') }}
    where
        excluded_reason is null
        and published_on is not null
        and {{ bounds(source('core', 'articles'), 'first_seen_at', ref('int_articles_to_term')) }}
),

read_articles as (
    select
        articles.*,
        event_terms(articles.title, articles.lead, articles.language) as found
    from articles
    semi join {{ ref('int_articles_to_term') }} as to_term on articles.article_id = to_term.article_id
)

select
    article_id,
    event_day_on,
    event_at,
    publisher_id,
    language,
    found.terms as terms,
    found.marks as marks
from read_articles
