-- One row per event and day on which it was reported, with its most central headline.
{{ config(
    unique_key=['event_id', 'event_day_on'],
    meta={'changed': 'first_on', 'order_by': 'first_on, event_id, event_day_on'}
) }}

with changed_events as (
    select
        event_id,
        min(event_day_on) as first_on
    from {{ ref('article_events') }}
    group by event_id
    having {{ is_changed('min(event_day_on)') }}
),

headlines as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        coalesce(published_at, first_seen_at) as event_at,
        headline(title) as title,
        rubric(title) as rubric
    from {{ source('core', 'articles') }}
    where excluded_reason is null
),

-- A rubric of an outlet recurs: it is before the bar or colon on at least ten days.
rubrics as (
    select
        publisher_id,
        rubric
    from headlines
    where rubric != ''
    group by publisher_id, rubric
    having count(distinct published_on) >= 10
),

articles as (
    select
        article_events.event_id,
        article_events.event_day_on,
        changed_events.first_on,
        article_events.similarity,
        headlines.* exclude (title),
        stories.text_id,
        if(
            rubrics.rubric is null,
            headlines.title,
            ltrim(substring(headlines.title, length(rubrics.rubric) + 1), ' :：|｜丨')
        ) as title
    from {{ ref('article_events') }} as article_events
    inner join changed_events on article_events.event_id = changed_events.event_id
    inner join headlines on article_events.article_id = headlines.article_id
    inner join {{ ref('article_stories') }} as stories
        on article_events.article_id = stories.article_id
    left join rubrics
        on headlines.publisher_id = rubrics.publisher_id and headlines.rubric = rubrics.rubric
),

-- Of languages with as many articles English, that of the report.
main_languages as (
    select
        event_id,
        first(language order by article_count desc, language = 'en' desc, language asc) as language
    from (
        select event_id, language, count(*) as article_count from articles
        group by all
    )
    group by event_id
),

ranked as (
    select
        articles.*,
        max(articles.title) filter (where articles.language like 'en%')
            over (partition by articles.event_id, articles.text_id)
            as title_en,
        (articles.language is not distinct from main_languages.language) as is_main
    from articles
    inner join main_languages on articles.event_id = main_languages.event_id
)

select
    event_id,
    event_day_on,
    first_on,
    count(*) as article_count,
    count(distinct text_id) as report_count,
    count(distinct publisher_id) as outlet_count,
    first(title order by is_main desc, similarity desc, event_at asc, article_id asc) as title,
    first(language order by is_main desc, similarity desc, event_at asc, article_id asc)
        as title_language,
    first(title_en order by is_main desc, similarity desc, event_at asc, article_id asc) as title_en
from ranked
group by event_id, event_day_on, first_on
