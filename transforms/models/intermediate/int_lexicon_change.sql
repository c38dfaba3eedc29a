-- One row, or none: the two word lists that this run's mentions are compared under.
{{ config(materialized='table', database='memory') }}

{% set before = last_lexicon() %}

select
    '{{ before[1] if before else "" }}' as lexicon_before,
    getvariable('lexicon_version')::varchar as lexicon_after
where {{ 'true' if before else 'false' }}
