-- Fail for each outlet and day with missing articles, unless a reprocess or `tidings forget`
-- removed them.
--
-- An article is missing if an extraction refers to it, or if it was released and the extraction of
-- its page is missing too. A reprocess leaves an extraction without the article, and `tidings
-- forget` removes a page from earlier releases too. Articles that were missing at the last release
-- were accepted then. The day of an article that was never released is the day of its capture.
-- Only articles and extractions written or deleted since the last release can be missing.
with changed as (
    {{ changed_rows('core', 'articles', 'article_id') }}
    union
    {{ changed_rows('core', 'extractions', 'article_id') }}
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

extracted as (
    select
        article_id,
        any_value(capture_id) as capture_id
    from extractions
    where article_id in (select article_id from changed)
    group by article_id
),

missing as (
    select extracted.* from extracted
    anti join articles on extracted.article_id = articles.article_id
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

deleted as (
    select released_articles.* from released_articles
    anti join articles on released_articles.article_id = articles.article_id
    anti join (select article_id from lake.raw.forgotten) as forgotten
        on released_articles.article_id = forgotten.article_id
),

lost as (
    select article_id, publisher_id, published_on from never_released
    union all
    select deleted.article_id, deleted.publisher_id, deleted.published_on from deleted
    semi join extracted on deleted.article_id = extracted.article_id
    union all
    select deleted.article_id, deleted.publisher_id, deleted.published_on from deleted
    anti join extractions on deleted.capture_id = extractions.capture_id
    where deleted.article_id not in (select article_id from extracted)
),

days as (
    select
        publisher_id,
        published_on,
        count(*) as missing_count
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
        where new.publisher_id is not distinct from days.publisher_id
            and new.published_on is not distinct from days.published_on
    ) as after_count,
    missing_count
from days
order by published_on, publisher_id
