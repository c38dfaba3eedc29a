-- One row per mention of the last release with another word list, if the word list changed since, otherwise none.
--
-- theme_mentions depends on this model, because a lake cannot read the past of a table that the same transaction has changed.
{{ config(materialized='table', database='memory') }}

{% set before = last_lexicon() if execute and adapter.get_relation(target.database, 'marts', 'theme_mentions') else none %}

{% if before %}
select
    article_id,
    theme_id,
    phrase_id
from lake.marts.theme_mentions at (version => {{ before[0] }})
{% else %}
select
    null::uuid as article_id,
    null::varchar as theme_id,
    null::varchar as phrase_id
where false
{% endif %}
