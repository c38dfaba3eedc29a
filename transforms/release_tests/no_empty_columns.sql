-- Fail for each column of core and marts with only nulls, if it must have values (a mart's
-- unique_key, or a source's `never_null`) or had at least ten, as corrections may remove a few, at
-- the last release. A model's `may_become_empty` is true, or a list of columns that a backfill may
-- fill.
--
-- Value counts per file are in the lake's catalog; deleted rows count until maintenance.
{% set required, sparse = [], ["''"] %}
{% for node in marts %}
    {% for key in node.keys %}
        {% do required.append("('" ~ node.schema ~ "." ~ node.name ~ "', '" ~ key ~ "')") %}
    {% endfor %}
    {% set may_be_empty = node.meta.get('may_become_empty') %}
    {% for column in (['*'] if may_be_empty is true else may_be_empty or []) %}
        {% do sparse.append("'" ~ node.schema ~ "." ~ node.name ~ '.' ~ column ~ "'") %}
    {% endfor %}
{% endfor %}
{% for node in sources %}
    {% for key in node.meta.get('never_null', []) %}
        {% do required.append("('" ~ node.schema ~ '.' ~ node.name ~ "', '" ~ key ~ "')") %}
    {% endfor %}
{% endfor %}
{% set meta = '__ducklake_metadata_lake' %}
{% macro are_stored(moment) -%}
    {% for alias in ['files', 'tables', 'schemas', 'columns'] %}
    {{ 'and ' if not loop.first }}{{ alias }}.begin_snapshot <= {{ moment }}
    and coalesce({{ alias }}.end_snapshot > {{ moment }}, true)
    {% endfor %}
{%- endmacro %}
{% set newest = '(select max(snapshot_id) from ' ~ meta ~ '.ducklake_snapshot)' %}
select
    schemas.schema_name || '.' || tables.table_name as table_name,
    columns.column_name,
    sum(stats.value_count) filter ({{ are_stored(snapshot or 'null') }}) as before_count,
    sum(stats.value_count) filter ({{ are_stored(newest) }}) as after_count
from {{ meta }}.ducklake_data_file as files
inner join {{ meta }}.ducklake_table as tables on files.table_id = tables.table_id
inner join {{ meta }}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
inner join {{ meta }}.ducklake_column as columns
    on files.table_id = columns.table_id and columns.parent_column is null
inner join {{ meta }}.ducklake_file_column_stats as stats
    on files.data_file_id = stats.data_file_id and columns.column_id = stats.column_id
where schemas.schema_name in ('core', 'marts', 'measures')
group by all
having
    after_count = 0
    and sum(stats.null_count) filter ({{ are_stored(newest) }}) > 0
    and (
        (table_name, columns.column_name) in ({{ required | join(', ') }})
        or (
            before_count >= 10
            and table_name || '.*' not in ({{ sparse | join(', ') }})
            and table_name || '.' || columns.column_name not in ({{ sparse | join(', ') }})
        )
    )
order by all
