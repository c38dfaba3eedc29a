{#-
    Return a select of distinct columns from the rows of a table that were written or deleted since the last completed run. It
    selects all rows if that run is unknown, if the lake no longer stores its snapshot, if the SQL changed, or with
    --full-refresh.

    The cost of the lake's change feed depends on the changes, not on the size of the table. An interrupted run leaves
    int_last_run_snapshots unchanged, so the next run reads the same changes again.
-#}
{% macro changed_since_last_run(relation, columns) -%}
    {%- set built = last_run_snapshots() -%}
    {%- if built is none -%}
        select distinct {{ columns }} from {{ relation }}
    {%- elif built[0] == built[1] -%}
        select {{ columns }} from {{ relation }} where false
    {%- else -%}
        select distinct {{ columns }}
        from ducklake_table_changes('lake', '{{ relation.schema }}', '{{ relation.identifier }}', {{ built[0] + 1 }}, {{ built[1] }})
    {%- endif -%}
{%- endmacro %}


{#- Return the same for a table that this project writes: the rows that an interrupted run wrote. -#}
{% macro changed_by_interrupted_run(relation, columns) -%}
    {%- set built = last_run_snapshots() -%}
    {%- if built is none or built[2] >= built[1] -%}
        select {{ columns }} from {{ relation }} where false
    {%- else -%}
        select distinct {{ columns }}
        from ducklake_table_changes('lake', '{{ relation.schema }}', '{{ relation.identifier }}', {{ built[2] + 1 }}, {{ built[1] }})
    {%- endif -%}
{%- endmacro %}


{#- Return the version of all inputs outside the source tables: SQL, matching, list of speakers, evidence words. -#}
{% macro rules_version() -%}
    concat_ws(
        '-', getvariable('transforms_version'), getvariable('matching_version'), getvariable('statements_version'),
        getvariable('candidates_version')
    )
{%- endmacro %}


{#-
    Return a condition that the row's article is in a scope of this run. Returns 'true' if every article must be compared,
    because the changes since the last completed run are unknown.
-#}
{% macro in_scope_of(scope, article_id='article_id') -%}
    {%- set relation = ref(scope) -%}
    {%- if last_run_snapshots() is none -%}
        true
    {%- else -%}
        {{ article_id }} in (select scope.article_id from {{ relation }} as scope)
    {%- endif -%}
{%- endmacro %}


{#-
    Return the snapshots at the start of the last completed run, at the start of this run, and at the end of the last completed
    run; none if the last completed run is unknown.
-#}
{% macro last_run_snapshots() -%}
    {%- set started = ref('int_run_start') -%}
    {%- if not execute or computes_all_rows() or not adapter.get_relation(target.database, 'intermediate', 'int_last_run_snapshots') -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(target.database, 'intermediate', 'int_last_run_snapshots') -%}
    {%- if 'ended_at' not in adapter.get_columns_in_relation(relation) | map(attribute='name') -%}
        {{ return(none) }}  {#- the table of an earlier version -#}
    {%- endif -%}
    {%- set found = run_query(
        'select built.began_at, started.snapshot_id, built.ended_at from ' ~ relation ~ ' as built'
        ~ ' semi join lake.snapshots() as snapshots on built.began_at = snapshots.snapshot_id'
        ~ ' cross join ' ~ started ~ ' as started'
        ~ ' where built.rules_version = ' ~ rules_version()
    ).rows -%}
    {%- if found | length == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return((found[0][0] | int, found[0][1] | int, found[0][2] | int)) }}
{%- endmacro %}


{#- Returns whether a command computes all rows of its models instead of the changed ones: --full-refresh, and dbt show. -#}
{% macro computes_all_rows() -%}
    {{ return(flags.FULL_REFRESH or flags.WHICH == 'show') }}
{%- endmacro %}
