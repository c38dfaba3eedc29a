-- Fail for each theme with bursts in theme_daily if the table of bursts is empty. The table may be
-- empty only if no theme has a burst.
with counts as (
    select
        theme_id as series,
        published_on as batch_on,
        article_count as hits,
        total_count as total
    from lake.marts.theme_daily
    where covered_days > 0 and not exists (select 1 from lake.measures.bursts)
)

select
    'measures.bursts' as table_name,
    series as theme_id,
    min(batch_on) as first_on,
    0 as after_count
from kleinberg_bursts('counts')
where is_burst and not exists (select 1 from lake.measures.bursts)
group by series
