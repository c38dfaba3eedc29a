-- One row per group: the articles of one day and language that report the same event. Groups of
-- several languages share a cluster.
{{ config(
    unique_key='group_id',
    scope='int_event_days_to_group',
    scope_on='event_day_on',
    scope_bounds='event_day_on',
    order_by='event_day_on, group_id'
) }}

with articles as (
    select
        event_terms.*,
        article_stories.story_id,
        days.month_start_on
    from {{ source('annotations', 'terms') }} as event_terms
    inner join {{ ref('int_event_days_to_group') }} as days on event_terms.event_day_on = days.event_day_on
    left join {{ ref('article_stories') }} as article_stories on event_terms.article_id = article_stories.article_id
    where
        {{ has_begun('event_terms.event_day_on', as_of()) }}
        and {{ bounds(
            source('annotations', 'terms'), 'event_day_on', ref('int_event_days_to_group'), key='event_day_on', name='event_terms.event_day_on'
        ) }}
),

words as (
    select
        months.month_start_on,
        event_words.language,
        event_words.term,
        sum(event_words.article_count)::integer as article_count,
        sum(event_words.lower_count)::integer as lower_count
    from (select distinct month_start_on from {{ ref('int_event_days_to_group') }} as days) as months
    inner join {{ ref('int_event_words') }} as event_words
        on
            event_words.month_start_on < months.month_start_on
            and event_words.month_start_on >= months.month_start_on - interval {{ background_months() }} month
    group by all
),

backgrounds as (
    select
        month_start_on,
        prepare_event_words(list(language), list(term), list(article_count), list(lower_count)) as token
    from words
    group by month_start_on
),

daily as (
    select
        articles.event_day_on,
        any_value(backgrounds.token) as token,
        list(articles.article_id::varchar order by articles.event_at, articles.article_id) as article_ids,
        list(articles.publisher_id order by articles.event_at, articles.article_id) as publisher_ids,
        list(articles.language order by articles.event_at, articles.article_id) as languages,
        list(articles.story_id::varchar order by articles.event_at, articles.article_id) as story_ids,
        list(articles.terms order by articles.event_at, articles.article_id) as terms,
        list(articles.marks order by articles.event_at, articles.article_id) as marks
    from articles
    left join backgrounds on articles.month_start_on = backgrounds.month_start_on
    group by articles.event_day_on
),

grouped as (
    select
        event_day_on,
        unnest(group_event_day(token, article_ids, publisher_ids, languages, story_ids, terms, marks)) as found
    from daily
)

select
    event_day_on,
    found.article_ids[1]::uuid as group_id,
    found.cluster_id::uuid as cluster_id,
    found.language as language,
    found.article_ids::uuid[] as article_ids,
    found.similarities as similarities,
    found.publisher_ids as publisher_ids,
    found.story_ids as story_ids,
    found.terms as terms,
    found.weights as weights
from grouped
