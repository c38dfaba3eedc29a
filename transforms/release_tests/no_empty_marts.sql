-- Fail for each empty mart that must have rows: by `filled_when` in its YAML, or because it had
-- rows at the last release, unless `may_become_empty`, or the word list or rules changed.
with released as (
    select
        row_counts,
        lexicon_version = '{{ var('lexicon_version') }}'
        and {{ 'false' if rules_changed else 'true' }} as is_comparable
    from (select max_by({'counts': row_counts, 'lexicon': lexicon_version}, snapshot_id) as newest
        from {{ known_releases }})
    cross join (select newest.counts as row_counts, newest.lexicon as lexicon_version)
)

{% for node in marts %}
select
    '{{ node.schema }}.{{ node.name }}' as table_name,
    row_counts['{{ node.schema }}.{{ node.name }}'] as before_count,
    0 as after_count
from released
where
    not exists (select 1 from lake.{{ node.schema }}.{{ node.name }})
    and (
        {{ node.meta.get('filled_when', 'false') }}
        {% if not node.meta.get('may_become_empty') -%}
            or (is_comparable and coalesce(row_counts['{{ node.schema }}.{{ node.name }}'], 0) > 0)
        {%- endif %}
    )
{{ 'union all' if not loop.last }}
{% endfor %}
