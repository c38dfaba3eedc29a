-- One row per poll of a feed, listing or sitemap.
with captures as (
    select * from {{ source('raw', 'captures') }}
    where kind in ('feed', 'listing', 'sitemap') and feed_id is not null
),

feeds as (
    select * from {{ source('raw', 'feeds') }}
),

final as (
    select
        captures.capture_id,
        captures.feed_id,
        coalesce(captures.publisher_id, feeds.publisher_id) as publisher_id,
        captures.fetched_at,
        captures.outcome,
        captures.outcome in ('ok', 'not_modified') as is_success,
        captures.covers_from,
        captures.covers_until
    from captures
    left join feeds on captures.feed_id = feeds.feed_id
)

select * from final
