{#-
    Return the releases as a relation, without those of the future, which a run made whose clock was
    ahead.
-#}
{% macro known_releases() -%}
    (select * from lake.ops.releases
        where not coalesce(released_at > {{ as_of() }} + interval 1 hour, false))
{%- endmacro %}


{#-
    Return the AT clause for the last release's snapshot. Returns an empty string before the first
    release, and if the lake no longer stores that snapshot. The tests in release_tests/ compare the
    lake with it. They name tables in full, because a test with `ref` would also run if only that
    model was built.
-#}
{% macro at_last_release() -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set found = run_query(
        'select max(releases.snapshot_id) from ' ~ known_releases() ~ ' as releases'
        ~ ' semi join lake.snapshots() as snapshots on releases.snapshot_id = snapshots.snapshot_id'
    ).rows[0][0] -%}
    {{ return('' if found is none else 'at (version => ' ~ found ~ ')') }}
{%- endmacro %}


{#-
    Return a select of a column from the rows of a table that were written or deleted since the last
    release. The cost of the lake's change feed depends on the changes, not on the size of the
    table. The select contains all rows before the first release, and if the table was created again
    since.
-#}
{% macro changed_since_release(at, schema, table, column) -%}
    {%- if not at or not existed_at_release(at, schema, table, column) -%}
        select {{ column }} from lake.{{ schema }}.{{ table }}
    {%- else -%}
        {%- set newest = run_query('select max(snapshot_id) from lake.snapshots()').rows[0][0] -%}
        {%- set first = released_snapshot(at) | int + 1 -%}
        {%- if first > newest -%}
            select {{ column }} from lake.{{ schema }}.{{ table }} where false
        {%- else -%}
            select {{ column }}
            from ducklake_table_changes('lake', '{{ schema }}', '{{ table }}', {{ first }},
                {{ newest }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- Return the snapshot number in an AT clause. -#}
{% macro released_snapshot(at) -%}
    {{ return(at | replace('at (version => ', '') | replace(')', '')) }}
{%- endmacro %}


{#-
    Return an empty select with the columns of a volume test, for a test that has nothing to
    compare.
-#}
{% macro no_rows_missing() -%}
    select
        null::varchar as table_name,
        null::varchar as publisher_id,
        null::date as published_on,
        null::bigint as before_count,
        null::bigint as after_count
    where false
{%- endmacro %}


{#-
    Return whether a table and its column existed at the last release and were not created again
    since.
-#}
{% macro existed_at_release(at, schema, table, column) -%}
    {%- set alive = [] -%}
    {%- for alias in ['schemas', 'tables', 'columns'] -%}
        {%- do alive.append(
            alias ~ '.begin_snapshot <= ' ~ released_snapshot(at)
            ~ ' and ' ~ alias ~ '.end_snapshot is null'
        ) -%}
    {%- endfor -%}
    {%- set meta = '__ducklake_metadata_lake' -%}
    {{ return(run_query(
        'select 1 from ' ~ meta ~ '.ducklake_schema as schemas'
        ~ ' inner join ' ~ meta ~ '.ducklake_table as tables'
        ~ ' on schemas.schema_id = tables.schema_id'
        ~ ' inner join ' ~ meta ~ '.ducklake_column as columns'
        ~ ' on tables.table_id = columns.table_id'
        ~ " where schemas.schema_name = '" ~ schema ~ "' and tables.table_name = '" ~ table ~ "'"
        ~ " and columns.column_name = '" ~ column ~ "' and " ~ alive | join(' and ')
    ).rows | length > 0) }}
{%- endmacro %}


{#-
    Return whether SQL, matching or the lists of speakers changed since the last release, so that
    mentions, statements and days can differ. Also returns true without a release.
-#}
{% macro rules_changed(at) -%}
    {%- set built = 'lake.intermediate.last_build' -%}
    {%- if not at or not existed_at_release(at, 'intermediate', 'last_build', 'rules_version') -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(run_query(
        'select (select any_value(rules_version) from ' ~ built ~ ' ' ~ at ~ ') is distinct from'
        ~ ' (select any_value(rules_version) from ' ~ built ~ ')'
    ).rows[0][0]) }}
{%- endmacro %}


{#-
    Return a select of the released articles that were deleted, or whose text, language, day, outlet
    or exclusion changed.
-#}
{% macro changed_articles(at) -%}
    {%- set changed = changed_since_release(at, 'core', 'articles', 'article_id') -%}
    select article_id
    from (
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason
        from lake.core.articles {{ at }}
        where article_id in ({{ changed }})
        except
        select article_id, content_hash, language, published_on, publisher_id, excluded_reason
        from lake.core.articles
        where article_id in ({{ changed }})
    )
{%- endmacro %}
