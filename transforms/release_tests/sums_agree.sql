-- Fail for each outlet and period with counts that differ from the sum of their parts: articles of
-- core, days of outlets, days, and weeks and months; mentions and stories.

{#- Each comparison has two relations: the name, the key, what is expected, and what is there. -#}
{% set day = ['publisher_id', 'published_on'] %}
{% set whole = ['null', 'null'] %}
{# There are many mentions, so count only the days that were written since the last release. #}
{% set is_new = 'published_on is null or published_on in (select published_on from mention_days)' %}
{% set sides = [
    ('core.articles in marts.outlet_daily', day, '1', '0', 'due'),
    ('core.articles in marts.outlet_daily', day, '0', 'article_count + excluded_count',
        'lake.marts.outlet_daily'),
    ('marts.outlet_daily in marts.theme_outlet_daily', day, '(text_count + 1) * theme_count',
        '0', 'lake.marts.outlet_daily, themes'),
    ('marts.outlet_daily in marts.theme_outlet_daily', day, '0', 'total_count + row_count',
        'theme_outlet_days'),
    ('annotations.mentions in marts.theme_mentions', day, '1', '0',
        'lake.annotations.mentions where ' ~ is_new),
    ('annotations.mentions in marts.theme_mentions', day, '0', '1',
        'lake.marts.theme_mentions where ' ~ is_new),
    ('core.articles in marts.article_stories', whole, '1', '0',
        'lake.core.articles where excluded_reason is null'),
    ('core.articles in marts.article_stories', whole, '0', '1', 'lake.marts.article_stories'),
    ('marts.article_stories in marts.stories', whole, '1', '0', 'lake.marts.article_stories'),
    ('marts.article_stories in marts.stories', whole, '0', 'article_count', 'lake.marts.stories'),
] %}
{% for part, relation, table, column, bucket in [
    ('theme_outlet_daily', 'theme_outlet_days', 'theme_daily', 'published_on', 'day'),
    ('theme_daily', 'lake.marts.theme_daily', 'theme_weekly', 'week_start_on', 'week'),
    ('theme_daily', 'lake.marts.theme_daily', 'theme_monthly', 'month_start_on', 'month'),
] %}
    {% set period = "date_trunc('" ~ bucket ~ "', published_on)::date" %}
    {% for measure in ['article_count', 'total_count'] %}
        {% set name = 'marts.' ~ part ~ ' in marts.' ~ table ~ ', ' ~ measure %}
        {% do sides.append((name, ['null', period], measure, '0', relation)) %}
        {% do sides.append((name, ['null', column], '0', measure, 'lake.marts.' ~ table)) %}
    {% endfor %}
    {% set name = 'themes by ' ~ bucket ~ ' in marts.' ~ table %}
    {% do sides.append((name, whole, 'theme_count', '0',
        '(select distinct ' ~ period ~ ' from lake.marts.outlet_daily), themes')) %}
    {% do sides.append((name, whole, '0', '1', 'lake.marts.' ~ table)) %}
{% endfor %}
with last_days as (
    select publisher_id, max(published_on) as last_on from lake.marts.outlet_daily
    group by publisher_id
),

-- An article with a future date is counted when its day comes. An outlet that was never polled or
-- imported has no days: only the sources of other outlets listed its articles.
due as (
    select articles.publisher_id, articles.published_on
    from lake.core.articles as articles
    left join last_days on articles.publisher_id = last_days.publisher_id
    where
        articles.published_on
        <= coalesce(last_days.last_on, timezone('UTC', {{ as_of() }})::date - 1)
        and (last_days.publisher_id is not null or articles.publisher_id in (
            select publisher_id from lake.raw.captures where kind in ('feed', 'listing', 'sitemap')
        ))
),

themes as (
    select count(*) as theme_count from lake.ref.themes
),

-- The number of rows shows missing rows without articles.
theme_outlet_days as (
    select
        publisher_id, published_on,
        sum(article_count) as article_count,
        sum(total_count) as total_count,
        count(*) as row_count
    from lake.marts.theme_outlet_daily
    group by all
),

mention_days as (
    {{ changed_rows('marts', 'theme_mentions', 'published_on') }}
    union
    {{ changed_rows('annotations', 'mentions', 'published_on') }}
),

sides as (
    {% for name, key, expected, actual, relation in sides %}
    select '{{ name }}' as table_name, {{ key[0] }} as publisher_id, {{ key[1] }} as published_on,
        {{ expected }} as expected_count, {{ actual }} as actual_count
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name, publisher_id, published_on,
    sum(expected_count)::bigint as expected_count,
    sum(actual_count)::bigint as actual_count
from sides
group by all
having sum(expected_count) != sum(actual_count)
order by published_on, publisher_id, table_name
