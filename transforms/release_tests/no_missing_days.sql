-- Fail for each day of an outlet that the last release contained and that is missing, except for an
-- earlier run time, a changed time zone, disabled sources, an article of that day or earlier that
-- changed its day or was deleted, a forgotten page, and changed rules.
{% if not rules_changed %}
with lost as (
    select publisher_id, published_on
    from (from lake.marts.outlet_daily {{ at }})
    anti join lake.marts.outlet_daily using (publisher_id, published_on)
),

moved_articles as (
    select
        articles.publisher_id,
        min(articles.published_on) as first_on
    from (from lake.core.articles {{ at }}) as articles
    where articles.article_id in ({{ changed_articles }})
    group by all
),

changed_zones as (
    select publisher_id, time_zone from lake.ref.publishers {{ at }}
    except
    select publisher_id, time_zone from lake.ref.publishers
)

select
    'marts.outlet_daily' as table_name,
    publisher_id, published_on,
    1 as before_count,
    0 as after_count
from lost
left join moved_articles using (publisher_id)
where
    published_on < timezone('UTC', {{ as_of() }})::date
    and not coalesce(first_on <= published_on, false)
    and publisher_id not in (select publisher_id from changed_zones)
    and publisher_id not in (select publisher_id from lake.raw.feeds where not is_enabled)
    and not exists (
        select 1 from lake.raw.forgotten
        where forgotten_at > (select max(released_at) from {{ known_releases }})
    )
order by published_on, publisher_id
{% endif %}
