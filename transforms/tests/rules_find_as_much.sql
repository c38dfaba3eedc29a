-- Mentions and statements that are over a fifth fewer than at the last release, after matching, SQL or the lists of speakers changed.
--
-- findings_are_kept cannot compare row by row then. A large drop may be intended, or the list was cut off: a person decides, so
-- this test warns.
-- depends_on: {{ ref('int_last_run_snapshots') }}
{{ config(tags=['volume'], severity='warn') }}

{% set at = at_last_release() %}
{% if not at or not has_other_rules(at) %}
{{ nothing_missing() }}
{% else %}
select
    table_name,
    null::varchar as publisher_id,
    null::date as published_on,
    before_count,
    after_count
from (
    {% for table in ['theme_mentions', 'statements'] if was_there(at, 'marts', table, 'article_id') %}
    select
        'marts.{{ table }}' as table_name,
        (select count(*) from lake.marts.{{ table }} {{ at }}) as before_count,
        (select count(*) from lake.marts.{{ table }}) as after_count
    union all
    {% endfor %}
    select '' as table_name, 0 as before_count, 0 as after_count
)
where after_count < 0.8 * before_count
{% endif %}
