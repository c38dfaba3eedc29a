{#-
    Returns a select of the columns of the rows of a table that were written or deleted since the last run that came to its end, once
    each; of all rows where that run is not known, the lake no longer keeps its snapshot, the SQL changed, or all is refreshed.

    The lake's change feed costs what changed, whatever the table holds. A run killed before its end leaves int_built_snapshot as
    it was, so that the next one sees the same changes again.
-#}
{% macro changed_since_built(relation, columns) -%}
    {%- set built = built_snapshot() -%}
    {%- if built is none -%}
        select distinct {{ columns }} from {{ relation }}
    {%- elif built[0] == built[1] -%}
        select {{ columns }} from {{ relation }} where false
    {%- else -%}
        select distinct {{ columns }}
        from ducklake_table_changes('lake', '{{ relation.schema }}', '{{ relation.identifier }}', {{ built[0] + 1 }}, {{ built[1] }})
    {%- endif -%}
{%- endmacro %}


{#- Returns the snapshot that the last run to come to its end began at and the one that this run did, or none. -#}
{% macro built_snapshot() -%}
    {%- set started = ref('int_run_start') -%}
    {%- if not execute or flags.FULL_REFRESH or not adapter.get_relation(target.database, 'intermediate', 'int_built_snapshot') -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = run_query(
        'select built.began_at, started.snapshot_id from ' ~ target.database ~ '.intermediate.int_built_snapshot as built'
        ~ ' semi join lake.snapshots() as snapshots on built.began_at = snapshots.snapshot_id'
        ~ ' cross join ' ~ started ~ ' as started'
        ~ " where built.transforms_version = getvariable('transforms_version')"
    ).rows -%}
    {%- if found | length == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return((found[0][0] | int, found[0][1] | int)) }}
{%- endmacro %}
