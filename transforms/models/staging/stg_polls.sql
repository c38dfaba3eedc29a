-- One row per poll of a feed, listing or sitemap.
select
    captures.feed_id,
    coalesce(feeds.publisher_id, captures.publisher_id) as feed_publisher_id,
    coalesce(captures.publisher_id, feeds.publisher_id) as publisher_id,
    coalesce(feeds.kind, captures.kind) as way,
    captures.fetched_at,
    captures.covers_until,
    captures.outcome in ('ok', 'not_modified') as is_success,
    coalesce(feeds.is_enabled, true) as is_enabled
from {{ source('raw', 'captures') }} as captures
left join {{ source('raw', 'feeds') }} as feeds on captures.feed_id = feeds.feed_id
where captures.kind in ('feed', 'listing', 'sitemap') and captures.feed_id is not null
