-- One row if the word list changed since the last release, otherwise none: the versions of both
-- word lists.
{{ config(materialized='table', database='memory') }}

{% set before = last_lexicon() %}

select
    '{{ before[1] if before else "" }}' as lexicon_before,
    getvariable('lexicon_version')::varchar as lexicon_after
where {{ 'true' if before else 'false' }}
