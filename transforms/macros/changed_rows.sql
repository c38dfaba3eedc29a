{#-
    Materialise a model as a table and write only the rows that differ.

    The model selects the rows that its scope should contain. Rows of the table in that scope that the model no longer selects are
    deleted, and missing rows are inserted. If nothing differs, nothing is written, so repeating a run creates no snapshot.

    scope: the model that lists what is rebuilt. scope_on: the columns that this model and the scope share; none may be null.
    scope_any: columns of this model of which at least one must be in the scope's first column; use it if the names differ.
    scope_bounds: a column of this model by which its files are ordered, so that files without rows in scope are skipped. Without a
    scope, and with --full-refresh, the whole table is compared. unique_key: the columns that identify a row.

    If a table's columns changed, it is created again, but never from a part of its rows. If the scope does not cover the whole
    table, the model fails with "not_whole" and the table stays unchanged; run.py then builds with --full-refresh.
-#}
{% materialization changed_rows, adapter='duckdb' -%}
    {%- if not config.get('unique_key') -%}
        {{ exceptions.raise_compiler_error(this.identifier ~ ' has no unique_key. Add config(unique_key=[…]) to the model') }}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set fresh = this.identifier ~ '__fresh' -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        create or replace temp table {{ fresh }} as ({{ compiled_code }})
    {%- endcall %}

    {%- set columns = adapter.get_columns_in_relation(api.Relation.create(identifier=fresh, type='table')) -%}
    {%- set names = columns | map(attribute='name') | join(', ') -%}
    {%- set is_alike = existing is not none and columns_alike(existing, columns) -%}
    {% if existing is not none and not is_alike %}
        {% if has_rows_out_of_scope(existing) %}
            {{ exceptions.raise_compiler_error('not_whole: the columns of ' ~ existing ~ ' changed; build it whole, with --full-refresh') }}
        {% endif %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% if is_alike %}
        {{ write_differences(target_relation, fresh, names) }}
    {% else %}
        {% call statement('create') -%}
            create table {{ target_relation }} as
            select {{ names }} from {{ fresh }} order by {{ config.get('order_by') or 'all' }}
        {%- endcall %}
        {% do persist_docs(target_relation, model) %}
    {% endif %}
    {% call statement('drop_fresh') -%} drop table if exists {{ fresh }} {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- Return whether a table has exactly these columns, in the same order and with the same types. -#}
{% macro columns_alike(relation, columns) -%}
    {%- set before = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do before.append(column.name ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {%- set after = [] -%}
    {%- for column in columns -%}
        {%- do after.append(column.name ~ ' ' ~ column.dtype) -%}
    {%- endfor -%}
    {{ return(before == after) }}
{%- endmacro %}


{#- Return the relation that lists what is rebuilt. -#}
{% macro scope_relation() -%}
    {{ return(api.Relation.create(database='memory', schema='intermediate', identifier=config.get('scope'))) }}
{%- endmacro %}

{% macro scope_columns() -%}
    {%- set scope_on = config.get('scope_on', []) -%}
    {{ return([scope_on] if scope_on is string else scope_on) }}
{%- endmacro %}


{#- Return the condition that a row of the model is in its scope. -#}
{% macro is_in_scope() -%}
    {%- set on = scope_columns() | join(', ') -%}
    (
    {%- for column in config.get('scope_any', []) -%}
        {{ column }} in (select {{ scope_columns()[0] }} from {{ scope_relation() }}) {{ 'or ' if not loop.last }}
    {%- else -%}
        ({{ on }}) in (select ({{ on }}) from {{ scope_relation() }})
    {%- endfor -%}
    )
{%- endmacro %}


{#- Return whether a table contains rows that this run does not build again. -#}
{% macro has_rows_out_of_scope(relation) -%}
    {%- if not config.get('scope') or should_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        'select 1 from ' ~ relation ~ ' where (' ~ is_in_scope() ~ ') is distinct from true limit 1'
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}


{#- Delete the rows in scope that the model no longer selects, and insert the missing rows. -#}
{% macro write_differences(relation, fresh, names) -%}
    {%- set keys = config.get('unique_key') -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set in_scope -%}
        select {{ names }} from {{ relation }}
        {%- if config.get('scope') and not should_full_refresh() %}
        where
        {%- if config.get('scope_bounds') %}
            {{ bounds(relation, config.get('scope_bounds'), scope_relation(), scope_columns()[0]) }} and
        {%- endif %}
            {{ is_in_scope() }}
        {%- endif %}
    {%- endset -%}
    {% call statement('current_rows') -%}
        create or replace temp table {{ fresh }}_current as ({{ in_scope }})
    {%- endcall %}
    {% call statement('differences') -%}
        create or replace temp table {{ fresh }}_stale as
        (from {{ fresh }}_current except all from {{ fresh }});
        create or replace temp table {{ fresh }}_missing as
        (from {{ fresh }} except all from {{ fresh }}_current);
    {%- endcall %}
    {%- set counts = run_query(
        'select (select count(*) from ' ~ fresh ~ '_stale), (select count(*) from ' ~ fresh ~ '_missing)'
    ) -%}
    {% if execute and counts.rows[0][0] > 0 %}
        {% call statement('delete') -%}
            delete from {{ relation }} as current_rows using {{ fresh }}_stale as stale
            where {% for key in keys %}current_rows.{{ key }} = stale.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        {%- endcall %}
    {% endif %}
    {% if execute and counts.rows[0][1] > 0 %}
        {% call statement('insert') -%}
            insert into {{ relation }}
            select {{ names }} from {{ fresh }}_missing order by {{ config.get('order_by') or 'all' }}
        {%- endcall %}
    {% endif %}
    {% call statement('drop_differences') -%}
        drop table {{ fresh }}_current; drop table {{ fresh }}_stale; drop table {{ fresh }}_missing;
    {%- endcall %}
{%- endmacro %}


{#-
    Return a select of the rows that the last completed run wrote to a model. The select is empty before the first run and with
    --full-refresh. A model cannot `ref` a model that runs after it, so this macro reads the table by name.
-#}
{% macro last_run(model_name, columns, schema='intermediate') -%}
    {%- set relation = none -%}
    {%- if execute and not computes_all_rows() -%}
        {%- set relation = adapter.get_relation(target.database, schema, model_name) -%}
    {%- endif -%}
    {%- if relation is not none -%}
        select {{ columns.keys() | join(', ') }} from {{ relation }}
    {%- else -%}
        select {% for name, type in columns.items() %}null::{{ type }} as {{ name }}{{ ', ' if not loop.last }}{% endfor %}
        where false
    {%- endif -%}
{%- endmacro %}
