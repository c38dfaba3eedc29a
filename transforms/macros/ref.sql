{#-
    Overrides dbt's ref: builds a working table before a query reads it, unless it exists.

    Working tables are the models in the database `memory`. They exist only in the process that
    built them, so a command that selects a part of the project, such as `dbt show -s theme_daily`
    or `dbt test`, starts without them. In a run of the whole project, they exist when a model reads
    them, and this macro only looks them up.
-#}
{% macro ref() -%}
    {%- set node = graph.nodes.get('model.tidings.' ~ varargs[-1])
        if execute and model.resource_type != 'unit_test' -%}
    {%- if not node -%}
        {{ return(builtins.ref(*varargs, **kwargs)) }}
    {%- endif -%}
    {%- if node.database == 'memory' -%}
        {%- do build_working_table(node) -%}
    {%- endif -%}
    {#-
        The SQL of a working table refers to models that the model being compiled does not depend
        on; builtins.ref refuses these.
    -#}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias
    )) }}
{%- endmacro %}


{#- Builds a working table, and first the working tables that it reads, unless it exists. -#}
{% macro build_working_table(node) -%}
    {%- set place = "database_name = 'memory' and schema_name = '" ~ node.schema ~ "'" -%}
    {%- set existing = run_query(
        'select 1 from duckdb_tables() where ' ~ place
        ~ " and table_name = '" ~ node.alias ~ "' union all "
        ~ 'select 1 from duckdb_views() where ' ~ place ~ " and view_name = '" ~ node.alias ~ "'"
    ) -%}
    {%- if existing.rows | length == 0 -%}
        {%- set kind = 'view' if node.config.materialized == 'view' else 'table' -%}
        {%- set query = render(node.raw_code) -%}
        {%- do run_query('create schema if not exists memory.' ~ node.schema) -%}
        {%- do run_query('create ' ~ kind ~ ' memory.' ~ node.schema ~ '.' ~ node.alias ~ ' as ('
            ~ query ~ ')') -%}
    {%- endif -%}
{%- endmacro %}
