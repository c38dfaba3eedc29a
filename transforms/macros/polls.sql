{#- Return a select of the polls of sources, with the publisher of the poll and of the source. -#}
{% macro polls() -%}
select
    feed_id,
    coalesce(captures.publisher_id, feeds.publisher_id) as publisher_id,
    coalesce(feeds.publisher_id, captures.publisher_id) as feed_publisher_id,
    coalesce(feeds.kind, captures.kind) as way,
    fetched_at, outcome, covers_from, covers_until,
    outcome in ('ok', 'not_modified') as is_success,
    coalesce(is_enabled, true) as is_enabled
from {{ source('raw', 'captures') }} as captures
left join {{ source('raw', 'feeds') }} as feeds using (feed_id)
where captures.kind in ('feed', 'listing', 'sitemap') and feed_id is not null
{%- endmacro %}
