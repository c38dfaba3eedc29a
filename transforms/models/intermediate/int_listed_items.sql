-- An item that is listed again under another form of its URL has no row. An item is not obtained if
-- its page could not be fetched or read, shows no article, or is one to which many items redirect.
-- The day is the article's, or else the entry's publication date, last change or first sighting,
-- which can be long after publication (is_undated).
{{ config(unique_key=['source_id', 'url'], meta={'order_by': 'published_on'}) }}

with captures as not materialized (
    from {{ source('raw', 'captures') }}
    where kind in ('page', 'entry')
),

capture_results as (
    select
        url,
        min(fetched_at) filter (outcome = 'ok') as first_captured_at,
        arg_max(outcome, fetched_at) as last_outcome,
        arg_max(split_part(final_url, '?', 1), fetched_at) as shown_url
    from captures
    group by url
),

keyed_entries as (
    select
        entries.*,
        item_key(url, title, published_at, date_quality) as item_key,
        capture_results.url is not null as is_requested,
        first_captured_at is not null as is_obtained
    from {{ source('raw', 'feed_entries') }} as entries
    left join capture_results using (url)
    where url is not null
),

listings as (
    select
        feed_id as source_id,
        publisher_id,
        kind as way,
        entries.url,
        arg_max(
            coalesce(
                if(date_quality in ('exact', 'zone_assumed', 'day_only'), published_at, null),
                updated_at
            ),
            row(first_seen_at, revision_hash)
        ) as entry_dated_at,
        min(first_seen_at) as first_seen_at
    from keyed_entries as entries
    inner join {{ source('raw', 'feeds') }} using (feed_id)
    where
        is_requested
        or item_key not in (
            select item_key from keyed_entries as others
            where is_obtained
        )
    group by all
    union all
    select
        origin as source_id,
        publisher_id,
        'file' as way,
        url,
        null as entry_dated_at,
        min(fetched_at) as first_seen_at
    from captures
    where feed_id is null and origin != 'live'
    group by all
),

redirect_targets as (
    select shown_url
    from capture_results
    where shown_url != split_part(url, '?', 1)
    group by shown_url
    having count(distinct split_part(url, '?', 1)) >= 5
),

extracted as (
    select
        url,
        arg_max(article_id, row(extracted_at, capture_id))
            as article_id,
        nullif(arg_max(outcome, row(extracted_at, capture_id)), 'ok') as outcome
    from {{ source('core', 'extractions') }}
    group by url
),

dated_items as (
    select
        source_id, publisher_id, way, url,
        listings.first_seen_at as first_listed_at,
        articles.article_id,
        case
            when first_captured_at is null then last_outcome
            when {{ is_unread('articles.excluded_reason') }} then excluded_reason
            when redirect_targets.shown_url is not null then 'other_page'
            when articles.article_id is null then outcome
        end as failure,
        coalesce(
            if(failure is null or entry_dated_at is null, articles.published_on, null),
            timezone(
                coalesce(outlets.time_zone, 'UTC'),
                coalesce(entry_dated_at, listings.first_seen_at)
            )::date
        ) as published_on,
        coalesce(articles.published_at, if(articles.published_on is null, entry_dated_at, null))
            as published_at,
        articles.published_on is null and entry_dated_at is null as is_undated,
        coalesce(outlets.time_zone, 'UTC') as time_zone,
        first_captured_at
    from listings
    left join {{ source('ref', 'publishers') }} as outlets using (publisher_id)
    left join capture_results using (url)
    left join redirect_targets using (shown_url)
    left join extracted using (url)
    left join {{ source('core', 'articles') }} as articles using (article_id)
)

select
    source_id, publisher_id, way, url, first_listed_at, article_id, published_on, is_undated,
    first_captured_at is not null and failure is null as is_obtained,
    coalesce(
        not is_undated
        and first_captured_at
        > coalesce(published_at, day_start(published_on + 1, time_zone)) + interval 7 day,
        false
    ) as is_later_copy,
    failure
from dated_items
