-- Fail for each outlet and day with missing articles, unless a reprocess or `tidings forget`
-- removed them.
--
-- An article is missing if an extraction refers to it, or if it was released and the extraction of
-- its page is missing too; articles missing at the last release were accepted then. The day of an
-- article that was never released is that of its capture. Only articles and extractions written or
-- deleted since the last release can be missing.
with changed as (
    {{ changed_rows('core', 'articles', 'article_id') }}
    union
    {{ changed_rows('core', 'extractions', 'article_id') }}
),

released as (
    select articles.* from (from lake.core.articles {{ at }}) as articles
    semi join changed using (article_id)
    where {{ 'true' if at else 'false' }}
),

accepted as (
    select article_id from lake.core.extractions {{ at }}
    where {{ 'true' if at else 'false' }}
),

extracted as (
    select article_id, any_value(capture_id) as capture_id from lake.core.extractions
    semi join changed using (article_id)
    group by article_id
),

lost as (
    select
        coalesce(released.publisher_id, captures.publisher_id) as publisher_id,
        if(released.article_id is null, captures.fetched_at::date, released.published_on)
            as published_on
    from changed
    anti join lake.core.articles as stored using (article_id)
    left join extracted using (article_id)
    left join released using (article_id)
    left join lake.raw.captures as captures
        on extracted.capture_id = captures.capture_id and released.article_id is null
    where
        if(
            released.article_id is null,
            extracted.article_id is not null
            and not exists (from accepted where accepted.article_id = changed.article_id),
            not exists (from lake.raw.forgotten as gone where gone.article_id = changed.article_id)
            and (extracted.article_id is not null or not exists (
                from lake.core.extractions as pages where pages.capture_id = released.capture_id
            ))
        )
),

counted as (
    select publisher_id, published_on, 'missing' as kind from lost
    union all
    select publisher_id, published_on, 'before' from lake.core.articles {{ at }}
    where {{ 'true' if at else 'false' }}
    union all
    select publisher_id, published_on, 'after' from lake.core.articles
)

select
    'core.articles' as table_name,
    publisher_id, published_on,
    count(*) filter (kind = 'before') as before_count,
    count(*) filter (kind = 'after') as after_count,
    count(*) filter (kind = 'missing') as missing_count
from counted
group by all
having missing_count > 0
order by published_on, publisher_id
