-- One row per source and address that it listed, or per WARC file and page taken from it: its day, and when its text was first
-- captured.
--
-- The day is the article's; of an item without an article the entry's own date, else that of its last change, else the day on
-- which it was first seen, which may be long after it was published (is_undated).
{{ config(
    unique_key=['source_id', 'url'],
    scope='int_changed_items',
    scope_on='url',
    order_by='published_on, source_id, url'
) }}

with changed as (
    select * from {{ ref('int_changed_items') }}
),

entries as (
    select * from {{ source('raw', 'feed_entries') }}
    where url is not null
),

captures as not materialized (
    select * from {{ source('raw', 'captures') }}
    where kind in ('page', 'entry')
),

extractions as (
    select * from {{ source('core', 'extractions') }}
    where article_id is not null
),

articles as (
    select * from {{ source('core', 'articles') }}
),

feeds as (
    select * from {{ source('raw', 'feeds') }}
),

outlets as (
    select * from {{ ref('stg_outlets') }}
),

listed as (
    select
        entries.feed_id as source_id,
        feeds.publisher_id,
        feeds.kind as way,
        entries.url,
        arg_max(
            coalesce(
                if(entries.date_quality in ('exact', 'zone_assumed', 'day_only'), entries.published_at, null), entries.updated_at
            ),
            row(entries.first_seen_at, entries.revision_hash)
        ) as told_at,
        min(entries.first_seen_at) as first_seen_at
    from entries
    semi join changed on entries.url = changed.url
    inner join feeds on entries.feed_id = feeds.feed_id
    group by entries.feed_id, feeds.publisher_id, feeds.kind, entries.url
    union all
    select
        captures.origin as source_id,
        captures.publisher_id,
        'file' as way,
        captures.url,
        null as told_at,
        min(captures.fetched_at) as first_seen_at
    from captures
    semi join changed on captures.url = changed.url
    where captures.feed_id is null and captures.origin != 'live'
    group by captures.origin, captures.publisher_id, captures.url
),

captured as (
    select
        captures.url,
        min(captures.fetched_at) filter (where captures.outcome = 'ok') as first_captured_at,
        arg_max(captures.outcome, captures.fetched_at) as last_outcome
    from captures
    semi join changed on captures.url = changed.url
    group by captures.url
),

cleaned as (
    select
        extractions.url,
        arg_max(extractions.article_id, row(extractions.extracted_at, extractions.capture_id)) as article_id
    from extractions
    semi join changed on extractions.url = changed.url
    group by extractions.url
),

dated as (
    select
        listed.source_id,
        listed.publisher_id,
        listed.way,
        listed.url,
        listed.first_seen_at as first_listed_at,
        articles.article_id,
        coalesce(
            articles.published_on,
            timezone(coalesce(outlets.time_zone, 'UTC'), coalesce(listed.told_at, listed.first_seen_at))::date
        ) as published_on,
        coalesce(articles.published_at, if(articles.published_on is null, listed.told_at, null)) as published_at,
        articles.published_on is null and listed.told_at is null as is_undated,
        coalesce(outlets.time_zone, 'UTC') as time_zone,
        captured.first_captured_at,
        if(captured.first_captured_at is null, captured.last_outcome, null) as failure
    from listed
    left join outlets on listed.publisher_id = outlets.publisher_id
    left join captured on listed.url = captured.url
    left join cleaned on listed.url = cleaned.url
    left join articles on cleaned.article_id = articles.article_id
),

final as (
    select
        *,
        first_captured_at is not null as is_obtained,
        not is_undated
        and first_captured_at
        > coalesce(published_at, {{ day_start('published_on + 1', 'time_zone') }}) + interval 7 day as is_later_copy
    from dated
)

select
    source_id,
    publisher_id,
    way,
    url,
    first_listed_at,
    article_id,
    published_on,
    is_undated,
    is_obtained,
    coalesce(is_later_copy, false) as is_later_copy,
    failure
from final
