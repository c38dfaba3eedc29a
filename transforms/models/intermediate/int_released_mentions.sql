-- One row per mention of the last release with another word list, if the word list changed since,
-- otherwise none.
--
-- theme_mentions depends on this model, because a lake cannot read the past of a table that the
-- same transaction has changed.
{{ config(materialized='table', database='memory') }}

{% set before = last_lexicon() %}
{% set columns = {'article_id': 'uuid', 'theme_id': 'varchar', 'phrase_id': 'varchar'} %}

with mentions as (
    {{ rows_at('theme_mentions', columns, 'marts', before[0] if before else none) }}
)

select
    article_id,
    theme_id,
    phrase_id
from mentions
