-- One row per poll of a feed, listing or sitemap.
with captures as (
    select * from {{ source('raw', 'captures') }}
    where kind in ('feed', 'listing', 'sitemap') and feed_id is not null
),

entries as (
    select * from {{ source('raw', 'feed_entries') }}
    where published_at is null or date_quality not in ('exact', 'zone_assumed', 'day_only')
),

-- A listing without dates covers the time back to its oldest article.
undated as (
    select
        entries.capture_id,
        min(articles.published_at) as oldest_at
    from entries
    inner join {{ source('core', 'extractions') }} as extractions on entries.url = extractions.url
    inner join {{ source('core', 'articles') }} as articles
        on extractions.article_id = articles.article_id
    group by entries.capture_id
)

select
    captures.capture_id,
    captures.feed_id,
    captures.kind,
    coalesce(captures.publisher_id, feeds.publisher_id) as publisher_id,
    captures.fetched_at,
    captures.outcome,
    captures.outcome in ('ok', 'not_modified') as is_success,
    coalesce(captures.covers_from, if(captures.kind = 'listing', undated.oldest_at, null))
        as covers_from,
    captures.covers_until
from captures
left join {{ source('raw', 'feeds') }} as feeds on captures.feed_id = feeds.feed_id
left join undated on captures.capture_id = undated.capture_id
