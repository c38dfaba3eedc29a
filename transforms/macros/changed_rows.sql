{#-
    Materialises a model as a table of which only the rows that differ are written.

    The model selects what should stand in its scope. Rows of the table in that scope that should not stand are deleted, rows
    that are missing are inserted, and where nothing differs nothing is written: a run twice leaves no new snapshot.

    scope: the model that lists what is rebuilt; scope_on: the columns it shares with this one, none of them null; scope_any: columns
    of this model of which one at least must be among the scope's first column, where they are called otherwise; scope_bounds: a column
    of this model by which its files are ordered, so that those which hold no row in scope are skipped.
    Without a scope, and with --full-refresh, the whole table is compared. unique_key: the columns that tell rows apart.

    A table whose columns changed is made anew, but never from a part of its rows: where its scope is not the whole of it, the model
    fails with "not_whole" and stays as it was; run.py then builds with --full-refresh.
-#}
{% materialization changed_rows, adapter='duckdb' -%}
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


{#- Returns whether a table has just these columns, in order and of these types. -#}
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


{#- Returns the relation that lists what is rebuilt, and the columns that it shares with the model. -#}
{% macro scope_relation() -%}
    {{ return(api.Relation.create(database='memory', schema='intermediate', identifier=config.get('scope'))) }}
{%- endmacro %}

{% macro scope_columns() -%}
    {%- set scope_on = config.get('scope_on', []) -%}
    {{ return([scope_on] if scope_on is string else scope_on) }}
{%- endmacro %}


{#- Returns the condition that a row of the model is in its scope. -#}
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


{#- Returns whether a table holds rows that this run does not make again. -#}
{% macro has_rows_out_of_scope(relation) -%}
    {%- if not config.get('scope') or should_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        'select 1 from ' ~ relation ~ ' where (' ~ is_in_scope() ~ ') is distinct from true limit 1'
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}


{#- Deletes the rows in scope that should not stand and inserts those that are missing. -#}
{% macro write_differences(relation, fresh, names) -%}
    {%- set keys = config.require('unique_key') -%}
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
    {% call statement('standing') -%}
        create or replace temp table {{ fresh }}_standing as ({{ in_scope }})
    {%- endcall %}
    {% call statement('differences') -%}
        create or replace temp table {{ fresh }}_stale as
        (from {{ fresh }}_standing except all from {{ fresh }});
        create or replace temp table {{ fresh }}_missing as
        (from {{ fresh }} except all from {{ fresh }}_standing);
    {%- endcall %}
    {%- set counts = run_query(
        'select (select count(*) from ' ~ fresh ~ '_stale), (select count(*) from ' ~ fresh ~ '_missing)'
    ) -%}
    {% if execute and counts.rows[0][0] > 0 %}
        {% call statement('delete') -%}
            delete from {{ relation }} as standing using {{ fresh }}_stale as stale
            where {% for key in keys %}standing.{{ key }} = stale.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        {%- endcall %}
    {% endif %}
    {% if execute and counts.rows[0][1] > 0 %}
        {% call statement('insert') -%}
            insert into {{ relation }}
            select {{ names }} from {{ fresh }}_missing order by {{ config.get('order_by') or 'all' }}
        {%- endcall %}
    {% endif %}
    {% call statement('drop_differences') -%}
        drop table {{ fresh }}_standing; drop table {{ fresh }}_stale; drop table {{ fresh }}_missing;
    {%- endcall %}
{%- endmacro %}


{#-
    Returns a select of what a model wrote in the last run that came to its end, or of no row before the first one and when all is refreshed.
    A model cannot ref what is built after it; this reads that table by name.
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
