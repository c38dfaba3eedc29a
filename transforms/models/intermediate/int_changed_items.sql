-- One row per URL that was listed, captured or extracted, or whose article changed, since the last
-- build.
{{ config(materialized='table', database='memory') }}

{% set is_all = is_whole('int_changed_items') %}

with entries as (
    {{ 'select url from ' ~ source('raw', 'feed_entries') if is_all else changes_of(source('raw', 'feed_entries'), 'url') }}
),

captures as (
    {{ 'select url, kind from ' ~ source('raw', 'captures') if is_all else changes_of(source('raw', 'captures'), 'url, kind') }}
),

extractions as (
    {{ 'select url from ' ~ source('core', 'extractions') if is_all else changes_of(source('core', 'extractions'), 'url') }}
),

articles as (
    {{ 'select url from ' ~ source('core', 'articles') if is_all else changes_of(source('core', 'articles'), 'url') }}
)

select url from entries
where url is not null
union
select url from captures
where kind in ('page', 'entry')
union
select url from extractions
union
select url from articles
