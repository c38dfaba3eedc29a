-- One row per address that was listed, captured or cleaned since the last run that came to its end.
{{ config(materialized='table', database='memory') }}

with entries as (
    {{ changed_since_built(source('raw', 'feed_entries'), 'url') }}
),

captures as (
    {{ changed_since_built(source('raw', 'captures'), 'url, kind') }}
),

extractions as (
    {{ changed_since_built(source('core', 'extractions'), 'url') }}
),

final as (
    select url from entries
    where url is not null
    union
    select url from captures
    where kind in ('page', 'entry')
    union
    select url from extractions
)

select url from final
