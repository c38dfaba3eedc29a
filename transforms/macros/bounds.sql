{#-
    Returns a condition on a column that all rows of a relation which a scope lists meet, with constants, so that the lake skips the
    files that hold none of them; a join alone reads them all. Only two columns are read to find it.

    key: what the relation and the scope share; name: the column as the query calls it. 'false' where no row is listed.
-#}
{% macro bounds(relation, column, scope, key='article_id', name=none) -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set name = name or column -%}
    {%- set found = run_query(
        "select case when count(*) = 0 then 'false' when count(" ~ column ~ ") = 0 then '" ~ name ~ " is null'"
        ~ " else concat('(" ~ name ~ " between ''', min(" ~ column ~ "), ''' and ''', max(" ~ column ~ "), '''',"
        ~ " if(count(*) > count(" ~ column ~ "), ' or " ~ name ~ " is null', ''), ')') end"
        ~ ' from ' ~ relation ~ ' as held semi join ' ~ scope ~ ' as scope on held.' ~ key ~ ' = scope.' ~ key
    ) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}


{#-
    Returns such a condition on the first_seen_at of articles for int_articles_to_tag and what is made of it, which tell from when until
    when their articles were first seen: nothing else is read to find it.
-#}
{% macro seen_bounds(scope, name='first_seen_at') -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set found = run_query(
        "select coalesce('(" ~ name ~ " between ''' || min(seen_from) || ''' and ''' || max(seen_until) || '''"
        ~ "' || if(count(*) > count(seen_from), ' or " ~ name ~ " is null', '') || ')', '" ~ name ~ " is null') from " ~ scope
    ) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}


{#- Returns the same for published_on, over the days that lie so many days or fewer from those of this run's articles to link. -#}
{% macro days_near(distance) -%}
    {%- set to_link = ref('int_articles_to_link') -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set found = run_query(
        "select coalesce('published_on between ''' || (min(seen_on) - " ~ distance ~ ") || ''' and ''' || (max(seen_on) + "
        ~ distance ~ ") || '''', 'false') from (select coalesce(published_on, first_seen_at::date) as seen_on from "
        ~ source('core', 'articles') ~ ' as held semi join ' ~ to_link ~ ' as scope on held.article_id = scope.article_id)'
    ) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}
