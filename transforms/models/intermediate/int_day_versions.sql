-- Behind the rows of a day are articles with annotations, story and event; stories and events that
-- began on it; outlets; whether its week and month are over; and themes and rates, which decide all
-- days. A hash is hashed again, because DuckDB combines columns by xor, so that equal changes of
-- two rows would cancel out.
--
-- depends_on: {{ ref('int_coded_themes') }}, from which the true rates are computed
{{ config(unique_key='published_on') }}

with mentions as (
    select
        article_id,
        bit_xor(hash(hash(phrase_id, theme_id, field, start_offset, end_offset))) as version
    from {{ source('annotations', 'mentions') }} as mentions
    group by article_id
),

statements as (
    select
        article_id,
        bit_xor(hash(hash(
            start_offset, end_offset, speaker_start, speaker_end, speaker_name, speaker_kind,
            speaker_gender, person_id, office, verb
        ))) as version
    from {{ source('annotations', 'statements') }} as statements
    group by article_id
),

articles as (
    select
        article_id, published_on, story_id, event_id, event_day_on,
        hash(hash(
            article_id, content_hash, language, published_at, publisher_id, excluded_reason,
            first_seen_at, mentions.version, statements.version, story_id, text_id, version_count,
            text_kind, event_id, similarity
        )) as version
    from {{ source('core', 'articles') }} as articles
    left join mentions using (article_id)
    left join statements using (article_id)
    left join {{ ref('article_stories') }} using (article_id)
    left join {{ source('annotations', 'article_events') }} using (article_id)
),

events as (
    select
        event_id,
        min(event_day_on) as first_on,
        max(event_day_on) as last_on,
        bit_xor(version) as version
    from articles
    where event_id is not null
    group by event_id
),

parts as (
    select
        published_on,
        bit_xor(version) as version
    from articles
    group by published_on
    union all
    select
        first_articles.published_on,
        bit_xor(hash(hash('story', articles.version))) as version
    from articles
    inner join articles as first_articles on articles.story_id = first_articles.article_id
    group by first_articles.published_on
    union all
    select
        first_on as published_on,
        bit_xor(hash(hash(
            'event', version, last_on + 7 < (select max(last_on) from events as others)
        ))) as version
    from events
    group by first_on
    union all
    select
        published_on,
        bit_xor(hash(hash(outlet_daily))) as version
    from {{ ref('outlet_daily') }}
    group by published_on
)

select
    published_on,
    hash(
        bit_xor(version),
        (select bit_xor(hash(hash(themes))) from {{ ref('stg_themes') }} as themes),
        (select max(rates_version) from {{ source('annotations', 'true_rates') }}),
        timezone('UTC', date_trunc('week', published_on) + interval 7 day) <= {{ as_of() }},
        timezone('UTC', date_trunc('month', published_on) + interval 1 month) <= {{ as_of() }}
    ) as version
from parts
group by published_on
