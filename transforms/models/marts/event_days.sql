-- One row per event and day on which it was reported, with its most central headline.
{{ config(unique_key=['event_id', 'event_day_on'], meta={'changed': 'first_on'}) }}

with changed_events as (
    select
        event_id,
        min(event_day_on) as first_on
    from {{ ref('article_events') }}
    group by event_id
    having {{ is_changed('min(event_day_on)') }}
),

articles as (
    select
        event_id, event_day_on, first_on, similarity, article_id, publisher_id, language,
        coalesce(published_at, first_seen_at) as event_at,
        text_id,
        titles.title is null as is_rubric,
        headline as title
    from {{ ref('article_events') }}
    inner join changed_events using (event_id)
    inner join {{ source('core', 'articles') }} as articles using (article_id)
    inner join {{ ref('article_stories') }} using (article_id)
    left join {{ ref('int_article_titles') }} as titles using (article_id)
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
        max(title) filter (articles.language like 'en%')
            over (partition by event_id, text_id)
            as title_en,
        row_number() over (
            partition by event_id, event_day_on
            order by
                is_rubric asc,
                articles.language is not distinct from main_languages.language desc,
                similarity desc,
                event_at asc,
                article_id asc
        ) as rank
    from articles
    inner join main_languages using (event_id)
)

select
    event_id, event_day_on, first_on,
    count(*) as article_count,
    count(distinct text_id) as report_count,
    count(distinct publisher_id) as outlet_count,
    any_value(title) filter (rank = 1) as title,
    any_value(language) filter (rank = 1) as title_language,
    any_value(title_en) filter (rank = 1) as title_en
from ranked
group by all
