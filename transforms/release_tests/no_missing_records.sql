-- Fail for each table of records with fewer rows than at the last release. Only revisions of a
-- deleted article, and forgotten pages (in earlier releases, too) are deleted.
{% if at %}
select table_name, before_count, after_count
from (
    {% for table in ['raw.captures', 'raw.feed_entries', 'core.extractions'] %}
    select
        '{{ table }}' as table_name,
        (select count(*) from lake.{{ table }} {{ at }}) as before_count,
        (select count(*) from lake.{{ table }}) as after_count
    union all
    {% endfor %}
    select
        'core.article_revisions' as table_name,
        (
            select count(*) from (from lake.core.article_revisions {{ at }}) as revisions
            semi join lake.core.articles as articles on revisions.article_id = articles.article_id
        ) as before_count,
        (select count(*) from lake.core.article_revisions) as after_count
)
where after_count < before_count
{% endif %}
