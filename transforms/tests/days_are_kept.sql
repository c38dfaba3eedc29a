-- Days of an outlet that it had at the last release and has no more, though nothing moved the end of its days.
--
-- What moves it: a night of an earlier instant than the last release, a zone that changed, sources that were switched off, an article
-- of that day or before that changed its day or is gone (articles_are_kept looks into that), a page that was forgotten since, or other
-- rules.
-- depends_on: {{ ref('int_last_run_snapshots') }}
{{ config(tags=['volume']) }}

{% set at = at_last_release() %}
{% if has_other_rules(at) %}
{{ nothing_missing() }}
{% else %}
with lost as (
    select
        old.publisher_id,
        old.published_on,
        old.article_count
    from (from lake.marts.outlet_daily {{ at }}) as old
    anti join lake.marts.outlet_daily as new on old.publisher_id = new.publisher_id and old.published_on = new.published_on
),

moved as (
    select
        articles.publisher_id,
        min(articles.published_on) as first_on
    from (from lake.core.articles {{ at }}) as articles
    where articles.article_id in ({{ changed_articles(at) }})
    group by articles.publisher_id
),

zoned as (
    select publisher_id, time_zone from lake.ref.publishers {{ at }}
    except
    select publisher_id, time_zone from lake.ref.publishers
)

select
    'marts.outlet_daily' as table_name,
    lost.publisher_id,
    lost.published_on,
    1 as before_count,
    0 as after_count
from lost
left join moved on lost.publisher_id = moved.publisher_id
where
    lost.published_on < timezone('UTC', {{ as_of() }})::date
    and not coalesce(moved.first_on <= lost.published_on, false)
    and lost.publisher_id not in (select publisher_id from zoned)
    and lost.publisher_id not in (select publisher_id from lake.raw.feeds where not is_enabled)
    and not exists (
        select 1 from lake.raw.forgotten
        where forgotten_at > (select max(released_at) from lake.ops.releases)
    )
order by lost.published_on, lost.publisher_id
{% endif %}
