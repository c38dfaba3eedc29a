-- Fail for each outlet and period with counts that differ from the sum of their parts. The articles
-- of core add up to the days of outlets, outlets to days, and days to weeks and months. The
-- mentions agree with those that were found, and the articles with stories.
with articles as (
    select publisher_id, published_on, excluded_reason from lake.core.articles
),

last_days as (
    select
        publisher_id,
        max(published_on) as last_on
    from lake.marts.outlet_daily
    group by publisher_id
),

stored as (
    select
        publisher_id,
        published_on,
        count(*) as article_count
    from articles
    where published_on is not null
    group by publisher_id, published_on
),

polled as (
    select distinct publisher_id from lake.raw.captures
    where kind in ('feed', 'listing', 'sitemap')
),

-- An article with a future date is counted when its day comes. An outlet that was never polled or
-- imported has no days, because only the sources of other outlets listed its articles.
due as (
    select stored.* from stored
    left join last_days on stored.publisher_id = last_days.publisher_id
    where
        stored.published_on <= coalesce(last_days.last_on, timezone('UTC', {{ as_of() }})::date - 1)
        and (last_days.publisher_id is not null
            or stored.publisher_id in (select publisher_id from polled))
),

outlet_days as (
    select publisher_id, published_on, article_count, excluded_count from lake.marts.outlet_daily
),

themes as (
    select count(*) as theme_count from lake.ref.themes
),

theme_outlet_days as (
    select
        publisher_id,
        published_on,
        sum(article_count) as hit_count,
        sum(total_count) as total_count,
        count(*) as row_count
    from lake.marts.theme_outlet_daily
    group by publisher_id, published_on
),

outlets_by_day as (
    select
        published_on,
        sum(hit_count) as hit_count,
        sum(total_count) as total_count
    from theme_outlet_days
    group by published_on
),

theme_days as (
    select
        published_on,
        sum(article_count) as hit_count,
        sum(total_count) as total_count
    from lake.marts.theme_daily
    group by published_on
),

-- There are many mentions, so count only the days that were written since the last release.
mention_days as (
    {{ changed_rows('marts', 'theme_mentions', 'published_on') }}
    union
    {{ changed_rows('annotations', 'mentions', 'published_on') }}
),
{% for name, table in [('found', 'annotations.mentions'), ('selected', 'marts.theme_mentions')] %}

{{ name }}_mention_days as (
    select
        publisher_id,
        published_on,
        count(*) as hit_count
    from lake.{{ table }}
    where published_on is null or published_on in (select published_on from mention_days)
    group by publisher_id, published_on
),
{% endfor %}

compared as (
    select
        'core.articles in marts.outlet_daily' as table_name,
        coalesce(due.publisher_id, days.publisher_id) as publisher_id,
        coalesce(due.published_on, days.published_on) as published_on,
        coalesce(due.article_count, 0) as expected_count,
        coalesce(days.article_count + days.excluded_count, 0) as actual_count
    from due
    full join outlet_days as days
        on due.publisher_id = days.publisher_id and due.published_on = days.published_on
    union all
    select
        'marts.outlet_daily in marts.theme_outlet_daily' as table_name,
        coalesce(days.publisher_id, actual.publisher_id) as publisher_id,
        coalesce(days.published_on, actual.published_on) as published_on,
        (coalesce(days.article_count, 0) + 1) * themes.theme_count as expected_count,
        -- adding 1 per row also counts rows with zero articles
        coalesce(actual.total_count + actual.row_count, 0) as actual_count
    from outlet_days as days
    full join theme_outlet_days as actual
        on days.publisher_id = actual.publisher_id and days.published_on = actual.published_on
    cross join themes
    {% for measure in ['hit_count', 'total_count'] %}
    union all
    select
        'marts.theme_outlet_daily in marts.theme_daily, {{ measure }}' as table_name,
        null as publisher_id,
        coalesce(days.published_on, actual.published_on) as published_on,
        coalesce(days.{{ measure }}, 0) as expected_count,
        coalesce(actual.{{ measure }}, 0) as actual_count
    from outlets_by_day as days
    full join theme_days as actual on days.published_on = actual.published_on
    {% for table, column, bucket in [
        ('weekly', 'week_start_on', 'week'), ('monthly', 'month_start_on', 'month')
    ] %}
    union all
    select
        'marts.theme_daily in marts.theme_{{ table }}, {{ measure }}' as table_name,
        null as publisher_id,
        coalesce(days.{{ column }}, actual.{{ column }}) as published_on,
        coalesce(days.{{ measure }}, 0) as expected_count,
        coalesce(actual.{{ measure }}, 0) as actual_count
    from (
        select date_trunc('{{ bucket }}', published_on)::date as {{ column }},
            sum({{ measure }}) as {{ measure }}
        from theme_days group by all
    ) as days
    full join (
        select {{ column }},
            sum({{ 'article_count' if measure == 'hit_count' else measure }}) as {{ measure }}
        from lake.marts.theme_{{ table }} group by all
    ) as actual on days.{{ column }} = actual.{{ column }}
    {% endfor %}
    {% endfor %}
    union all
    select
        'annotations.mentions in marts.theme_mentions' as table_name,
        coalesce(stored.publisher_id, actual.publisher_id) as publisher_id,
        coalesce(stored.published_on, actual.published_on) as published_on,
        coalesce(stored.hit_count, 0) as expected_count,
        coalesce(actual.hit_count, 0) as actual_count
    from found_mention_days as stored
    full join selected_mention_days as actual
        on stored.publisher_id is not distinct from actual.publisher_id
            and stored.published_on is not distinct from actual.published_on
    {% for table, bucket in [('daily', 'day'), ('weekly', 'week'), ('monthly', 'month')] %}
    union all
    select
        'themes by {{ bucket }} in marts.theme_{{ table }}' as table_name,
        null as publisher_id,
        null as published_on,
        (select count(distinct date_trunc('{{ bucket }}', published_on))
            from outlet_days) * themes.theme_count as expected_count,
        (select count(*) from lake.marts.theme_{{ table }}) as actual_count
    from themes
    {% endfor %}
    union all
    select
        'core.articles in marts.article_stories' as table_name,
        null as publisher_id,
        null as published_on,
        (select count(*) from articles where excluded_reason is null) as expected_count,
        (select count(*) from lake.marts.article_stories) as actual_count
    union all
    select
        'marts.article_stories in marts.stories' as table_name,
        null as publisher_id,
        null as published_on,
        (select count(*) from lake.marts.article_stories) as expected_count,
        (select coalesce(sum(article_count), 0) from lake.marts.stories) as actual_count
)

select * from compared
where expected_count != actual_count
order by published_on, publisher_id, table_name
