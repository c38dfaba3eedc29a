-- One row per phrase that was ever used: its first use, its peak, how fast it fades and how it spread over outlets.
{{ config(
    unique_key='phrase_id',
    order_by='phrase_id'
) }}

with phrase_days as (
    select * from {{ ref('int_phrase_outlet_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

begun as (
    select min(published_on) as first_covered_on
    from outlet_daily
    where not is_gap
),

-- All that follows is made of these two, smaller by far than the days of every outlet.
days as materialized (
    select
        phrase_id,
        published_on,
        sum(article_count)::bigint as article_count
    from phrase_days
    group by phrase_id, published_on
),

outlets as materialized (
    select
        phrase_id,
        publisher_id,
        min(published_on) as adopted_on
    from phrase_days
    group by phrase_id, publisher_id
),

spans as (
    select
        phrase_id,
        min(published_on) as first_seen_on,
        max(published_on) as last_seen_on,
        sum(article_count)::bigint as article_count,
        max(article_count) as peak_count
    from days
    group by phrase_id
),

first_days as (
    select
        phrase_days.phrase_id,
        arg_min(phrase_days.publisher_id, row(phrase_days.first_used_at, phrase_days.publisher_id)) as first_publisher_id,
        arg_min(phrase_days.first_article_id, row(phrase_days.first_used_at, phrase_days.publisher_id)) as first_article_id
    from phrase_days
    inner join spans on phrase_days.phrase_id = spans.phrase_id and phrase_days.published_on = spans.first_seen_on
    group by phrase_days.phrase_id
),

outlet_counts as (
    select
        phrase_id,
        count(*) as outlet_count
    from outlets
    group by phrase_id
),

first_uses as (
    select
        spans.phrase_id,
        spans.first_seen_on,
        first_days.first_publisher_id,
        first_days.first_article_id,
        spans.last_seen_on,
        spans.article_count,
        outlet_counts.outlet_count
    from spans
    inner join first_days on spans.phrase_id = first_days.phrase_id
    inner join outlet_counts on spans.phrase_id = outlet_counts.phrase_id
),

peaks as (
    select
        days.phrase_id,
        min(days.published_on) as peak_on
    from days
    inner join spans on days.phrase_id = spans.phrase_id and days.article_count = spans.peak_count
    group by days.phrase_id
),

after_peak as (
    select
        days.phrase_id,
        days.published_on - peaks.peak_on as age_days,
        sum(days.article_count) over (partition by days.phrase_id order by days.published_on) as so_far,
        sum(days.article_count) over (partition by days.phrase_id) as in_all
    from days
    inner join peaks on days.phrase_id = peaks.phrase_id
    where days.published_on >= peaks.peak_on
),

half_lives as (
    select
        phrase_id,
        min(age_days) as half_life_days
    from after_peak
    where 2 * so_far >= in_all
    group by phrase_id
),

-- Outlets in the order in which they took the phrase up.
adoptions as (
    select
        phrase_id,
        adopted_on,
        row_number() over (partition by phrase_id order by adopted_on, publisher_id) as rank
    from outlets
),

halves as (
    select
        adoptions.phrase_id,
        min(adoptions.adopted_on) as half_of_outlets_on
    from adoptions
    inner join first_uses on adoptions.phrase_id = first_uses.phrase_id
    where 2 * adoptions.rank >= first_uses.outlet_count and first_uses.outlet_count > 1
    group by adoptions.phrase_id
),

final as (
    select
        first_uses.phrase_id,
        phrases.theme_id,
        phrases.language,
        phrases.phrase,
        first_uses.first_seen_on,
        first_uses.first_publisher_id,
        first_uses.first_article_id,
        first_uses.first_seen_on < begun.first_covered_on + 28 as is_left_censored,
        peaks.peak_on,
        first_uses.last_seen_on,
        half_lives.half_life_days,
        first_uses.outlet_count,
        halves.half_of_outlets_on - first_uses.first_seen_on as days_to_half_of_outlets,
        first_uses.article_count
    from first_uses
    inner join phrases on first_uses.phrase_id = phrases.phrase_id
    inner join peaks on first_uses.phrase_id = peaks.phrase_id
    inner join half_lives on first_uses.phrase_id = half_lives.phrase_id
    cross join begun
    left join halves on first_uses.phrase_id = halves.phrase_id
)

select
    phrase_id,
    theme_id,
    language,
    phrase,
    first_seen_on,
    first_publisher_id,
    first_article_id,
    is_left_censored,
    peak_on,
    last_seen_on,
    half_life_days,
    outlet_count,
    days_to_half_of_outlets,
    article_count
from final
