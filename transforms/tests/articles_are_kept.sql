-- Articles that are gone, by outlet and day, though no reprocess and no forgetting took them out.
--
-- An article is gone where an extraction says that its page makes it, and where it was released and its page's extraction is gone too.
-- A reprocess leaves an extraction that says otherwise; forgetting takes a page out of earlier releases as well. What was gone at the
-- last release already was accepted then. Of an article that was never released the day is that of its capture.
-- depends_on: {{ ref('int_last_run_snapshots') }}
{{ config(tags=['volume']) }}

{% set at = at_last_release() %}

-- Only what was written since the last release can be gone.
with changed as (
    {{ changed_since_release(at, 'core', 'articles', 'article_id') }}
    union
    {{ changed_since_release(at, 'core', 'extractions', 'article_id') }}
),

articles as (
    select article_id from lake.core.articles
    where article_id in (select article_id from changed)
),

extractions as (
    select capture_id, article_id from lake.core.extractions
),

released_articles as (
    select article_id, publisher_id, published_on, capture_id from lake.core.articles {{ at }}
    where {{ 'true' if at else 'false' }} and article_id in (select article_id from changed)
),

released_extractions as (
    select article_id from lake.core.extractions {{ at }}
    where {{ 'true' if at else 'false' }} and article_id in (select article_id from changed)
),

named as (
    select
        article_id,
        any_value(capture_id) as capture_id
    from extractions
    where article_id in (select article_id from changed)
    group by article_id
),

missing as (
    select named.* from named
    anti join articles on named.article_id = articles.article_id
),

accepted as (
    select released_extractions.article_id from released_extractions
    semi join missing on released_extractions.article_id = missing.article_id
    anti join released_articles on released_extractions.article_id = released_articles.article_id
),

never_released as (
    select
        missing.article_id,
        captures.publisher_id,
        captures.fetched_at::date as published_on
    from missing
    anti join accepted on missing.article_id = accepted.article_id
    anti join released_articles on missing.article_id = released_articles.article_id
    left join lake.raw.captures as captures on missing.capture_id = captures.capture_id
),

gone as (
    select released_articles.* from released_articles
    anti join articles on released_articles.article_id = articles.article_id
    anti join (select article_id from lake.raw.forgotten) as forgotten on released_articles.article_id = forgotten.article_id
),

lost as (
    select article_id, publisher_id, published_on from never_released
    union all
    select gone.article_id, gone.publisher_id, gone.published_on from gone
    semi join named on gone.article_id = named.article_id
    union all
    select gone.article_id, gone.publisher_id, gone.published_on from gone
    anti join extractions on gone.capture_id = extractions.capture_id
    where gone.article_id not in (select article_id from named)
),

days as (
    select
        publisher_id,
        published_on,
        count(*) as lost_count
    from lost
    group by publisher_id, published_on
)

select
    'core.articles' as table_name,
    publisher_id,
    published_on,
    (
        select count(*) from (from lake.core.articles {{ at }}) as old
        where
            {{ 'true' if at else 'false' }}
            and old.publisher_id is not distinct from days.publisher_id
            and old.published_on is not distinct from days.published_on
    ) as before_count,
    (
        select count(*) from lake.core.articles as new
        where new.publisher_id is not distinct from days.publisher_id and new.published_on is not distinct from days.published_on
    ) as after_count,
    lost_count
from days
order by published_on, publisher_id
