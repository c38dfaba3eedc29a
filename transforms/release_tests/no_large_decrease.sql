-- Warn if mentions or statements fell by more than a fifth since the last release, after a change
-- in matching, SQL or the lists of speakers, when no_missing_mentions_or_statements cannot compare.
-- A large decrease may be intended, or a list may be truncated.
{{ config(severity='warn') }}

{% if at and rules_changed %}
select table_name, before_count, after_count
from (
    {% for table in ['theme_mentions', 'statements'] if existed('marts', table, 'article_id') %}
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
