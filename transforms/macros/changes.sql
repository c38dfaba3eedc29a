{#-
    Return a select of columns from the rows of a table that were written or deleted since the last build, once or more often. For a
    table of this project, these are the rows that differ from the last build; for a source, the rows that Python wrote.

    The cost of the lake's change feed depends on the changes, not on the size of the table. The select contains all rows of a table
    that was created since, and of every source if the changes since the last build are unknown. docs/changes.md explains the rules.
-#}
{% macro changes_of(relation, columns) -%}
    {%- set parts = ['select ' ~ columns ~ ' from ' ~ relation ~ ' where false'] -%}
    {%- if execute -%}
        {%- for part in change_feed(relation) + differences(relation) -%}
            {%- do parts.append('select ' ~ columns ~ ' from ' ~ part) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ parts | join(' union all ') }}
{%- endmacro %}


{#- Return a list with the relation of a table's committed changes since the last build; empty if there are none. -#}
{% macro change_feed(relation) -%}
    {%- set is_own = relation.schema in ['marts', 'intermediate'] -%}
    {%- set first = run_query(
        "select getvariable('" ~ ('written_from' if is_own else 'changed_from') ~ "')::bigint"
    ).rows[0][0] -%}
    {%- if first is none or computes_all_rows() -%}
        {{ return([relation]) }}
    {%- endif -%}
    {%- set meta = '__ducklake_metadata_lake' -%}
    {%- set changes = meta ~ '.ducklake_snapshot_changes as changes where changes.snapshot_id >= ' ~ first -%}
    {%- set found = run_query(
        'select tables.begin_snapshot, newest.snapshot_id,'
        ~ " (select string_agg(snapshot_id, ', ') from " ~ changes ~ " and contains(changes_made, 'rewrite_delete'))"
        ~ ' from ' ~ meta ~ '.ducklake_table as tables'
        ~ ' inner join ' ~ meta ~ '.ducklake_schema as schemas on tables.schema_id = schemas.schema_id'
        ~ ' cross join (select max(snapshot_id) as snapshot_id from ' ~ meta ~ '.ducklake_snapshot) as newest'
        ~ ' where tables.end_snapshot is null and schemas.end_snapshot is null'
        ~ " and tables.table_name = '" ~ relation.identifier ~ "' and schemas.schema_name = '" ~ relation.schema ~ "'"
        ~ ' and exists (select 1 from ' ~ changes
        ~ " and regexp_matches(changes_made, '(inserted|deleted|inlined)[a-z_]*:' || tables.table_id || '(,|$)'))"
    ).rows -%}
    {%- if found | length == 0 -%}
        {{ return([]) }}
    {%- elif found[0][0] | int >= first | int -%}
        {{ return([relation]) }}
    {%- endif -%}
    {%- set feed = "ducklake_table_changes('lake', '" ~ relation.schema ~ "', '" ~ relation.identifier ~ "', "
        ~ first ~ ', ' ~ found[0][1] ~ ')' -%}
    {#- Maintenance rewrites files with many deleted rows, which changes no row. -#}
    {{ return(['(from ' ~ feed ~ ' where snapshot_id not in (' ~ found[0][2] ~ '))' if found[0][2] else feed]) }}
{%- endmacro %}


{#-
    Return the tables with the changes that this run has made to a table and not committed. rendering.py replaces this macro. A
    run of dbt commits each model, so its change feed contains them.
-#}
{% macro differences(relation) -%}
    {{ return([]) }}
{%- endmacro %}


{#-
    Return whether the models of a scope must be compared completely: in the first run, with --full-refresh, after a change of any
    SQL, and if the changes since the last build are unknown. For models by article, whose rows cost much, only a change of the
    rules behind their rows counts (scope_versions in changes.py).
-#}
{% macro is_whole(scope) -%}
    {%- if not execute or computes_all_rows() -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set row = run_query("select getvariable('article_scopes'), getvariable('whole_scopes')").rows[0] -%}
    {{ return((scope if scope in row[0].split() else 'others') in row[1].split()) }}
{%- endmacro %}


{#- Return whether the changes of the source tables since the last build are known. -#}
{% macro knows_changes() -%}
    {%- if not execute or computes_all_rows() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(run_query("select getvariable('changed_from') is not null").rows[0][0]) }}
{%- endmacro %}


{#- Return whether a command computes all rows of its models instead of the changed ones: --full-refresh, and dbt show. -#}
{% macro computes_all_rows() -%}
    {{ return(flags.FULL_REFRESH or flags.WHICH == 'show') }}
{%- endmacro %}


{#-
    Return a select of columns from a model's own rows as the last build left them; empty before the first build and with
    --full-refresh. A model cannot `ref` itself or a model that runs after it, so this macro reads the table by name.
-#}
{% macro last_rows(model_name, columns, schema='intermediate') -%}
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


{#-
    Return the statements that record a completed build in intermediate.last_build, which session.py reads at the start of the next
    one. A run of dbt records a build of the whole project without an error (on-run-end in dbt_project.yml).

    Args: results: dbt's results; none: the build is complete.
-#}
{% macro record_build(results=none) -%}
    {%- set statuses = (results or []) | map(attribute='status') | map('string') | list -%}
    {%- set is_part = invocation_args_dict.get('select') or invocation_args_dict.get('exclude') if results is not none else false -%}
    {%- if execute and not is_part and 'error' not in statuses and 'skipped' not in statuses and flags.WHICH in ['run', 'build'] -%}
        create schema if not exists lake.intermediate;
        create table if not exists lake.intermediate.last_build (
            began_at bigint, ended_at bigint, as_of timestamptz, rules_version varchar, scope_versions varchar, lexicon_version varchar
        );
        delete from lake.intermediate.last_build;
        insert into lake.intermediate.last_build
        select
            getvariable('started_at')::bigint,
            (select max(snapshot_id) from __ducklake_metadata_lake.ducklake_snapshot),
            {{ as_of() }},
            getvariable('rules_version'),
            getvariable('scope_versions'),
            getvariable('lexicon_version');
    {%- endif -%}
{%- endmacro %}
