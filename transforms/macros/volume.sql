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


{#-
    Returns a select of a column of the rows of a table that were written or deleted since the last release, by the lake's own record,
    which costs what changed and not what is held; of all rows before the first release, and of a table made anew since.
-#}
{% macro changed_since_release(at, schema, table, column) -%}
    {%- if not at or not was_there(at, schema, table, column) -%}
        select {{ column }} from lake.{{ schema }}.{{ table }}
    {%- else -%}
        {%- set newest = run_query('select max(snapshot_id) from lake.snapshots()').rows[0][0] -%}
        {%- set first = released_snapshot(at) | int + 1 -%}
        {%- if first > newest -%}
            select {{ column }} from lake.{{ schema }}.{{ table }} where false
        {%- else -%}
            select {{ column }} from ducklake_table_changes('lake', '{{ schema }}', '{{ table }}', {{ first }}, {{ newest }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- Returns the number of the snapshot in an AT clause. -#}
{% macro released_snapshot(at) -%}
    {{ return(at | replace('at (version => ', '') | replace(')', '')) }}
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


{#- Returns whether a table that is there now, or a column of it, was there when the last release was made; not one made anew since. -#}
{% macro was_there(at, schema, table, column) -%}
    {%- set alive = [] -%}
    {%- for alias in ['schemas', 'tables', 'columns'] -%}
        {%- do alive.append(
            alias ~ '.begin_snapshot <= ' ~ released_snapshot(at) ~ ' and ' ~ alias ~ '.end_snapshot is null'
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


{#-
    Returns whether SQL, matching or the lists of speakers changed since the last release, so that mentions, statements and days may be
    others; also where there is no release.
-#}
{% macro has_other_rules(at) -%}
    {%- set built = 'lake.intermediate.int_last_run_snapshots' -%}
    {%- if not at or not was_there(at, 'intermediate', 'int_last_run_snapshots', 'rules_version') -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(run_query(
        'select (select any_value(rules_version) from ' ~ built ~ ' ' ~ at ~ ') is distinct from'
        ~ ' (select any_value(rules_version) from ' ~ built ~ ')'
    ).rows[0][0]) }}
{%- endmacro %}


{#- Returns a select of the ids of released articles that are not as they were: of another text, day, outlet or standing, or gone. -#}
{% macro changed_articles(at) -%}
    {%- set changed = changed_since_release(at, 'core', 'articles', 'article_id') -%}
    select article_id
    from (
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason from lake.core.articles {{ at }}
        where article_id in ({{ changed }})
        except
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason from lake.core.articles
        where article_id in ({{ changed }})
    )
{%- endmacro %}
