-- One row per URL that was listed, captured or extracted since the last completed run.
{{ config(materialized='table', database='memory') }}

with entries as (
    {{ changed_since_last_run(source('raw', 'feed_entries'), 'url') }}
),

captures as (
    {{ changed_since_last_run(source('raw', 'captures'), 'url, kind') }}
),

extractions as (
    {{ changed_since_last_run(source('core', 'extractions'), 'url') }}
)

select url from entries
where url is not null
union
select url from captures
where kind in ('page', 'entry')
union
select url from extractions
