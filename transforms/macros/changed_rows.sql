{#-
    Materialise a model as a table and write only the rows that differ.

    The model selects the rows that its scope should contain. Rows of the table in that scope that the model no longer selects are
    deleted, and missing rows are inserted. If nothing differs, nothing is written, so repeating a run creates no snapshot.

    unique_key: the columns that identify a row. order_by: the order of rows in files, by default that of the unique key. scope: the
    model that lists what is rebuilt. scope_on: the columns that this model and the scope share; none may be null. scope_any: columns
    of this model of which at least one must be in the scope's first column; use it if the names differ. scope_bounds: a column of
    this model by which its files are ordered, so that files without rows in scope are skipped. Without a scope, and if is_whole
    (changes.sql) is true, the whole table is compared.

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

    {% if existing is not none and is_scope_empty() %}
        {% call statement('main') -%} select 'no row in scope' {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            create or replace temp table {{ fresh }} as ({{ compiled_code }})
        {%- endcall %}
        {{ write_rows(target_relation, existing, fresh) }}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- Write a model's rows: create the table, or write the rows that differ. -#}
{% macro write_rows(relation, existing, fresh) -%}
    {%- set columns = adapter.get_columns_in_relation(api.Relation.create(identifier=fresh, type='table')) -%}
    {%- set names = columns | map(attribute='name') | join(', ') -%}
    {%- if existing is not none and columns_alike(existing, columns) -%}
        {{ write_differences(relation, fresh, names) }}
    {%- else -%}
        {%- if existing is not none -%}
            {%- if has_rows_out_of_scope(existing) -%}
                {{ exceptions.raise_compiler_error('not_whole: the columns of ' ~ existing ~ ' changed; build it whole, with --full-refresh') }}
            {%- endif -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {% call statement('create') -%}
            create table {{ relation }} as
            select {{ names }} from {{ fresh }} order by {{ config.get('order_by') or key_columns() | join(', ') }}
        {%- endcall %}
        {%- do persist_docs(relation, model) -%}
        {%- do note_differences(relation, [fresh]) -%}
    {%- endif -%}
{%- endmacro %}


{#- Return the columns that identify a row. -#}
{% macro key_columns() -%}
    {%- set keys = config.get('unique_key') -%}
    {{ return([keys] if keys is string else keys) }}
{%- endmacro %}


{#- Return whether this run builds no row of the model. -#}
{% macro is_scope_empty() -%}
    {%- if compares_whole_table() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(run_query('select 1 from ' ~ scope_relation() ~ ' limit 1').rows | length == 0) }}
{%- endmacro %}


{#- Receive the temporary tables with the differences of a table. rendering.py replaces this macro; dbt reads the change feed. -#}
{% macro note_differences(relation, tables) -%}
{%- endmacro %}


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


{#- Return whether the model's rows are compared with its whole table. -#}
{% macro compares_whole_table() -%}
    {{ return(not config.get('scope') or should_full_refresh() or (config.get('full_refresh') is not false and is_whole(config.get('scope')))) }}
{%- endmacro %}


{#- Return whether a table contains rows that this run does not build again. -#}
{% macro has_rows_out_of_scope(relation) -%}
    {%- if compares_whole_table() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = run_query(
        'select 1 from ' ~ relation ~ ' where (' ~ is_in_scope() ~ ') is distinct from true limit 1'
    ) -%}
    {{ return(found.rows | length > 0) }}
{%- endmacro %}


{#- Delete the rows in scope that the model no longer selects, and insert the missing rows. -#}
{% macro write_differences(relation, fresh, names) -%}
    {%- set in_scope -%}
        select {{ names }} from {{ relation }}
        {%- if not compares_whole_table() %}
        where
        {%- if config.get('scope_bounds') %}
            {{ bounds(relation, config.get('scope_bounds'), scope_relation(), scope_columns()[0]) }} and
        {%- endif %}
            {{ is_in_scope() }}
        {%- endif %}
    {%- endset -%}
    {% call statement('differences') -%}
        create or replace temp table {{ fresh }}_current as ({{ in_scope }});
        create or replace temp table {{ fresh }}_stale as (from {{ fresh }}_current except all from {{ fresh }});
        create or replace temp table {{ fresh }}_missing as (from {{ fresh }} except all from {{ fresh }}_current);
        drop table {{ fresh }}_current;
        drop table {{ fresh }};
    {%- endcall %}
    {%- set counts = run_query(
        'select (select count(*) from ' ~ fresh ~ '_stale), (select count(*) from ' ~ fresh ~ '_missing)'
    ) -%}
    {% if execute and counts.rows[0][0] > 0 %}
        {% call statement('delete') -%}
            delete from {{ relation }} as current_rows using {{ fresh }}_stale as stale
            where {% for key in key_columns() %}current_rows.{{ key }} = stale.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        {%- endcall %}
    {% endif %}
    {% if execute and counts.rows[0][1] > 0 %}
        {% call statement('insert') -%}
            insert into {{ relation }}
            select {{ names }} from {{ fresh }}_missing order by {{ config.get('order_by') or key_columns() | join(', ') }}
        {%- endcall %}
    {% endif %}
    {% if execute and counts.rows[0][0] + counts.rows[0][1] > 0 %}
        {% do note_differences(relation, [fresh ~ '_stale', fresh ~ '_missing']) %}
    {% endif %}
{%- endmacro %}
