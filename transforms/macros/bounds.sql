{#-
    Return a range condition on a column that all rows of a relation satisfy if the scope lists them. Its constants let the lake
    skip files without these rows; a join alone reads all files. The query that computes the constants reads only two columns.

    key: the column that the relation and the scope share. name: the column's name in the calling query. The macro returns
    'false' if the scope lists no row.
-#}
{% macro bounds(relation, column, scope, key='article_id', name=none) -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set name = name or column -%}
    {%- set result = run_query(
        "select case when count(*) = 0 then 'false' when count(" ~ column ~ ") = 0 then '" ~ name ~ " is null'"
        ~ " else concat('(" ~ name ~ " between ''', min(" ~ column ~ "), ''' and ''', max(" ~ column ~ "), '''',"
        ~ " if(count(*) > count(" ~ column ~ "), ' or " ~ name ~ " is null', ''), ')') end"
        ~ ' from ' ~ relation ~ ' as listed semi join ' ~ scope ~ ' as scope on listed.' ~ key ~ ' = scope.' ~ key
    ) -%}
    {{ return(result.rows[0][0]) }}
{%- endmacro %}


{#-
    Return such a condition for a scope that contains the first and the last value of each row, so the query reads no other table.
    By default, the values are the first-seen times of articles.
-#}
{% macro seen_bounds(scope, name='first_seen_at', first='seen_from', last='seen_until') -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set result = run_query(
        "select coalesce('(" ~ name ~ " between ''' || min(" ~ first ~ ") || ''' and ''' || max(" ~ last ~ ") || '''"
        ~ "' || if(count(*) > count(" ~ first ~ "), ' or " ~ name ~ " is null', '') || ')', '" ~ name ~ " is null') from " ~ scope
    ) -%}
    {{ return(result.rows[0][0]) }}
{%- endmacro %}
