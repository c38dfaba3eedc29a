{#-
    Returns a select of the columns of the rows of a table that were written or deleted since the last run that came to its end, once
    each; of all rows where that run is not known, the lake no longer keeps its snapshot, the SQL changed, or all is refreshed.

    The lake's change feed costs what changed, whatever the table holds. A run killed before its end leaves int_last_run_snapshots as
    it was, so that the next one sees the same changes again.
-#}
{% macro changed_since_built(relation, columns) -%}
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


{#-
    Returns a select of the same of a table that this project writes: of what a run wrote that never came to its end.
-#}
{% macro changed_by_killed_run(relation, columns) -%}
    {%- set built = last_run_snapshots() -%}
    {%- if built is none or built[2] >= built[1] -%}
        select {{ columns }} from {{ relation }} where false
    {%- else -%}
        select distinct {{ columns }}
        from ducklake_table_changes('lake', '{{ relation.schema }}', '{{ relation.identifier }}', {{ built[2] + 1 }}, {{ built[1] }})
    {%- endif -%}
{%- endmacro %}


{#- Returns the version of all that is not in the lake's source tables: SQL, matching, lists of speakers, evidence words. -#}
{% macro rules_version() -%}
    concat_ws(
        '-', getvariable('transforms_version'), getvariable('matching_version'), getvariable('statements_version'),
        getvariable('candidates_version')
    )
{%- endmacro %}


{#-
    Returns a condition that the article of a row is in a scope of what this run looks at again, or 'true' where every article is to be
    compared: where what changed since the last run that came to its end is not known.
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
    Returns the snapshot that the last run to come to its end began at, the one that this run did, and the one that the last run ended
    at; or none.
-#}
{% macro last_run_snapshots() -%}
    {%- set started = ref('int_run_start') -%}
    {%- if not execute or computes_all_rows() or not adapter.get_relation(target.database, 'intermediate', 'int_last_run_snapshots') -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(target.database, 'intermediate', 'int_last_run_snapshots') -%}
    {%- if 'ended_at' not in adapter.get_columns_in_relation(relation) | map(attribute='name') -%}
        {{ return(none) }}  {#- as an earlier version made it -#}
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
