-- One row per URL that was listed, captured or extracted since the last build.
{{ config(materialized='table', database='memory') }}

with entries as (
    {{ changes_of(source('raw', 'feed_entries'), 'url') }}
),

captures as (
    {{ changes_of(source('raw', 'captures'), 'url, kind') }}
),

extractions as (
    {{ changes_of(source('core', 'extractions'), 'url') }}
)

select url from entries
where url is not null
union
select url from captures
where kind in ('page', 'entry')
union
select url from extractions
