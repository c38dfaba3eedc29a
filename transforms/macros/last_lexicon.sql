{#-
    Return the snapshot and the lexicon version of the newest release with another word list, as a
    pair. Returns none if no release matches, or if the lake no longer stores its snapshot.
-#}
{% macro last_lexicon() -%}
    {%- if not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = run_query(
        'select releases.snapshot_id, releases.lexicon_version'
        ~ ' from ' ~ source('ops', 'releases') ~ ' as releases'
        ~ ' inner join lake.snapshots() as snapshots'
        ~ ' on releases.snapshot_id = snapshots.snapshot_id'
        ~ " where releases.lexicon_version != getvariable('lexicon_version')"
        ~ ' and releases.released_at > coalesce(('
        ~ ' select max(released_at) from ' ~ source('ops', 'releases')
        ~ " where lexicon_version = getvariable('lexicon_version')), '-infinity'::timestamptz)"
        ~ ' order by releases.snapshot_id desc limit 1'
    ) -%}
    {%- if found.rows | length == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return((found.rows[0][0], found.rows[0][1])) }}
{%- endmacro %}


{#-
    Return a select of columns from the rows of a table at a snapshot; empty if the snapshot is
    none.
-#}
{% macro rows_at(model_name, columns, schema, snapshot) -%}
    {%- if snapshot is not none -%}
        select {{ columns.keys() | join(', ') }}
        from lake.{{ schema }}.{{ model_name }} at (version => {{ snapshot }})
    {%- else -%}
        select
            {% for name, type in columns.items() -%}
                null::{{ type }} as {{ name }}{{ ', ' if not loop.last }}
            {%- endfor %}
        where false
    {%- endif -%}
{%- endmacro %}
