-- One row per event: one occurrence, reported in one or more articles, outlets and languages over
-- days.
{{ config(unique_key='event_id', meta={'changed': 'first_on'}) }}

with changed_events as (
    select event_id
    from {{ ref('article_events') }}
    group by event_id
    having {{ is_changed('min(event_day_on)') }}
),

articles as (
    select
        article_events.*,
        publisher_id, language, published_at,
        coalesce(published_at, first_seen_at) as event_at,
        story_id, text_id
    from {{ ref('article_events') }}
    semi join changed_events using (event_id)
    inner join {{ source('core', 'articles') }} as articles using (article_id)
    left join {{ ref('article_stories') }} using (article_id)
),

days as (
    select
        event_id, title, title_language, title_en,
        event_day_on as peak_on,
        article_count as peak_article_count
    from {{ ref('event_days') }}
    semi join changed_events using (event_id)
    qualify
        row_number() over (partition by event_id order by report_count desc, event_day_on desc) = 1
),

theme_lists as (
    select event_id, list(theme_id order by article_count desc, theme_id asc) as themes
    from (
        select event_id, theme_id, count(*) as article_count
        from articles
        inner join {{ ref('article_themes') }} using (article_id)
        where is_about
        group by all
    )
    group by event_id
),

-- Names outside the lists differ by language.
speakers as (
    select
        event_id,
        list_sort(list(distinct speaker_name)) as speakers
    from articles
    inner join {{ ref('int_statement_speakers') }} as statements using (article_id)
    inner join days using (event_id)
    where
        is_named
        and (is_listed or articles.language is not distinct from title_language)
    group by all
)

select
    event_id, title, title_language, title_en,
    first(publisher_id order by event_day_on, event_at, article_id) as first_publisher_id,
    min(event_day_on) as first_on,
    first(published_at order by event_day_on, event_at, article_id) as first_at,
    peak_on, peak_article_count,
    max(event_day_on) as last_on,
    max(event_day_on) + 7
    < (select max(event_day_on) from {{ ref('article_events') }}) as is_over,
    count(*) as article_count,
    count(distinct text_id) as report_count,
    count(distinct publisher_id) as outlet_count,
    list_sort(list(distinct language) filter (language is not null))
        as languages,
    coalesce(themes, []::varchar[]) as themes,
    coalesce(speakers, []::varchar[]) as speakers,
    len(list_filter(map_values(histogram(story_id)), lambda articles: articles > 1))
        as copied_story_count
from articles
inner join days using (event_id)
left join theme_lists using (event_id)
left join speakers using (event_id)
group by all
