-- Fail for each column of core and marts that contains only nulls, if it must have values (a mart's
-- unique_key, or a source's `never_null` in its YAML) or had at least ten values at the last
-- release. The limit is ten because corrections may remove a few. A model's `may_become_empty` is
-- true, or a list of columns such as those about gaps, which a backfill may fill.
--
-- The test reads value counts per file from the lake's catalog and no table. Deleted rows count
-- until maintenance rewrites the file.
{% set required, sparse = [], ["''"] %}
{% for node in marts %}
    {% for key in node.keys %}
        {% do required.append("('marts." ~ node.name ~ "', '" ~ key ~ "')") %}
    {% endfor %}
    {% set may_be_empty = node.meta.get('may_become_empty') %}
    {% for column in (['*'] if may_be_empty is true else may_be_empty or []) %}
        {% do sparse.append("'marts." ~ node.name ~ '.' ~ column ~ "'") %}
    {% endfor %}
{% endfor %}
{% for node in sources %}
    {% for key in node.meta.get('never_null', []) %}
        {% do required.append("('" ~ node.schema ~ '.' ~ node.name ~ "', '" ~ key ~ "')") %}
    {% endfor %}
{% endfor %}
{% set meta = '__ducklake_metadata_lake' %}
with counted as (
    {% for name, moment in [('after', 'null'), ('before', snapshot or 'null')] %}
    select
        '{{ name }}' as moment,
        schemas.schema_name || '.' || tables.table_name as table_name,
        columns.column_name,
        sum(stats.value_count) as value_count,
        sum(stats.null_count) as null_count
    from {{ meta }}.ducklake_data_file as files
    inner join {{ meta }}.ducklake_table as tables on files.table_id = tables.table_id
    inner join {{ meta }}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
    inner join {{ meta }}.ducklake_column as columns
        on files.table_id = columns.table_id and columns.parent_column is null
    inner join {{ meta }}.ducklake_file_column_stats as stats
        on files.data_file_id = stats.data_file_id and columns.column_id = stats.column_id
    where
        schemas.schema_name in ('core', 'marts')
        {% for alias in ['files', 'tables', 'schemas', 'columns'] %}
        {% if moment == 'null' -%}
        and {{ alias }}.end_snapshot is null
        {%- else -%}
        and {{ alias }}.begin_snapshot <= {{ moment }}
            and coalesce({{ alias }}.end_snapshot > {{ moment }}, true)
        {%- endif %}
        {% endfor %}
    group by all
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    new.table_name,
    new.column_name,
    {{ 'old.value_count' if snapshot else 'null::bigint' }} as before_count,
    0 as after_count
from counted as new
left join counted as old
    on new.table_name = old.table_name and new.column_name = old.column_name
        and old.moment = 'before'
where
    new.moment = 'after'
    and new.value_count = 0
    and new.null_count > 0
    and (
        (new.table_name, new.column_name) in ({{ required | join(', ') }})
        {% if snapshot -%}
            or (
                old.value_count >= 10
                and new.table_name || '.*' not in ({{ sparse | join(', ') }})
                and new.table_name || '.' || new.column_name not in ({{ sparse | join(', ') }})
            )
        {%- endif %}
    )
order by new.table_name, new.column_name
