{#-
    Returns the AT clause of the last release's snapshot, for a table as it was released; empty before the first release, and where the
    lake no longer keeps that snapshot. The tests in tests/ compare with it; they name tables of the lake in full, for a test that refs a
    model would also run where only that model was built.
-#}
{% macro at_last_release() -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set found = run_query(
        'select max(releases.snapshot_id) from lake.ops.releases as releases'
        ~ ' semi join lake.snapshots() as snapshots on releases.snapshot_id = snapshots.snapshot_id'
    ).rows[0][0] -%}
    {{ return('' if found is none else 'at (version => ' ~ found ~ ')') }}
{%- endmacro %}


{#- Returns a select of no row with the columns of what is missing, for a test that has nothing to compare with. -#}
{% macro nothing_missing() -%}
    select
        null::varchar as table_name,
        null::varchar as publisher_id,
        null::date as published_on,
        null::bigint as before_count,
        null::bigint as after_count
    where false
{%- endmacro %}


{#- Returns whether the lake had a column when the last release was made: an earlier version of this project may have made it. -#}
{% macro was_there(at, schema, table, column) -%}
    {%- set snapshot = at | replace('at (version => ', '') | replace(')', '') -%}
    {%- set alive = [] -%}
    {%- for alias in ['schemas', 'tables', 'columns'] -%}
        {%- do alive.append(
            alias ~ '.begin_snapshot <= ' ~ snapshot ~ ' and coalesce(' ~ alias ~ '.end_snapshot > ' ~ snapshot ~ ', true)'
        ) -%}
    {%- endfor -%}
    {%- set meta = '__ducklake_metadata_lake' -%}
    {{ return(run_query(
        'select 1 from ' ~ meta ~ '.ducklake_schema as schemas'
        ~ ' inner join ' ~ meta ~ '.ducklake_table as tables on schemas.schema_id = tables.schema_id'
        ~ ' inner join ' ~ meta ~ '.ducklake_column as columns on tables.table_id = columns.table_id'
        ~ " where schemas.schema_name = '" ~ schema ~ "' and tables.table_name = '" ~ table ~ "'"
        ~ " and columns.column_name = '" ~ column ~ "' and " ~ alive | join(' and ')
    ).rows | length > 0) }}
{%- endmacro %}


{#- Returns whether SQL, matching or the lists of speakers changed since the last release: mentions and statements may then be fewer. -#}
{% macro has_other_rules(at) -%}
    {%- if was_there(at, 'intermediate', 'int_built_snapshot', 'rules_version') -%}
        (select any_value(rules_version) from lake.intermediate.int_built_snapshot {{ at }})
        is distinct from (select any_value(rules_version) from lake.intermediate.int_built_snapshot)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#- Returns a select of the ids of released articles that are not as they were: of another text, day, outlet or standing, or gone. -#}
{% macro changed_articles(at) -%}
    select article_id
    from (
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason from lake.core.articles {{ at }}
        except
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason from lake.core.articles
    )
{%- endmacro %}
