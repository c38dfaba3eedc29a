-- outlet_daily combines the sources of an outlet: a day that one source missed is not a gap if
-- another source covered it.
{{ config(unique_key=['source_id', 'published_on'], meta={'order_by': 'published_on'}) }}

with source_times as (
    select
        feed_id as id,
        starts_at, ends_at
    from {{ ref('int_source_times') }}
),

polls as (
    {{ polls() }}
),

sources as (
    select
        feed_id as source_id,
        any_value(feed_publisher_id) as publisher_id,
        any_value(way) as way,
        max(coalesce(covers_until, fetched_at)) filter (is_success) as last_success_at,
        bool_or(is_enabled) as is_polled
    from polls
    group by feed_id
    union all
    select
        source_id,
        any_value(publisher_id) as publisher_id,
        way,
        null as last_success_at,
        true as is_polled
    from {{ ref('int_listed_items') }}
    where way = 'file'
    group by all
),

source_zones as (
    select
        sources.*,
        source_id as id,
        time_zone
    from sources
    left join {{ source('ref', 'publishers') }} using (publisher_id)
    where publisher_id is not null
),

counts as (
    select
        source_id as id,
        published_on,
        count(*) as listed_count,
        count(*) filter (is_obtained) as obtained_count,
        count(*) filter (is_later_copy) as later_copy_count,
        count(*) filter (is_undated) as undated_count,
        list_sort(list(distinct failure) filter (failure is not null)) as failures
    from {{ ref('int_listed_items') }}
    group by all
),

no_days as (
    from counts
    where false
),

measured_days as (
    select
        days.*,
        publisher_id, way,
        fetched_at as looked_at,
        coalesce(columns(name -> ends_with(name, '_count')), 0),
        coalesce(failures, []) as failures
    from
        days_by_id('source_times', 'source_zones', 'no_days', 'counts', {{ as_of() }}) as days
    inner join source_zones using (id)
    asof left join (
        select feed_id, fetched_at from polls
        where is_success
    ) as polls
        on id = feed_id and starts_at <= fetched_at
    left join counts using (id, published_on)
)

select
    id as source_id,
    publisher_id, way, published_on, listed_count, obtained_count,
    listed_count - obtained_count as missing_count,
    later_copy_count, undated_count, failures,
    -- a WARC file does not list the pages that it lacks
    if(way = 'file', null, covered_share) as listed_share,
    looked_at,
    case
        when listed_count > obtained_count then 'listed_unretrievable'
        when listed_count = 0 and coalesce(listed_share, 0) = 0 then 'no_listing'
        when later_copy_count > 0 then 'later_copy'
        -- If nothing is listed, the poll itself was late.
        when listed_count = 0 and looked_at > ends_at + interval 7 day then 'later_copy'
        else 'original_capture'
    end as status
from measured_days
