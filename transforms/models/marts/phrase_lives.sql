-- One row per phrase that was ever used: first use, peak, fading and spread over outlets. General words have no row, because they
-- count only in articles about their theme.
{{ config(
    unique_key='phrase_id',
    order_by='phrase_id'
) }}

with phrase_days as not materialized (
    select * from {{ ref('int_phrase_outlet_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
    where salience is null
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

coverage_start as (
    select min(published_on) as first_covered_on
    from outlet_daily
    where not is_gap
),

-- Materialise these two CTEs: the rest uses only them, and they are much smaller than the days of all outlets.
days as materialized (
    select
        phrase_id,
        published_on as batch_on,
        sum(article_count)::bigint as hits
    from phrase_days
    group by phrase_id, published_on
),

adoptions as materialized (
    select
        phrase_id,
        publisher_id as outlet,
        min(published_on) as adopted_on
    from phrase_days
    group by phrase_id, publisher_id
),

lives as (
    {{ lives('days', ['phrase_id']) | indent(4) }}
),

spread as (
    {{ diffusion('adoptions', ['phrase_id']) | indent(4) }}
),

first_uses as (
    select
        phrase_days.phrase_id,
        arg_min(phrase_days.publisher_id, row(phrase_days.first_used_at, phrase_days.publisher_id)) as first_publisher_id,
        arg_min(phrase_days.first_article_id, row(phrase_days.first_used_at, phrase_days.publisher_id)) as first_article_id
    from phrase_days
    inner join lives on phrase_days.phrase_id = lives.phrase_id and phrase_days.published_on = lives.first_on
    group by phrase_days.phrase_id
)

select
    lives.phrase_id,
    phrases.theme_id,
    phrases.language,
    phrases.phrase,
    lives.first_on as first_seen_on,
    first_uses.first_publisher_id,
    first_uses.first_article_id,
    lives.first_on < coverage_start.first_covered_on + 28 as is_left_censored,
    lives.peak_on,
    lives.last_on as last_seen_on,
    lives.half_life_days,
    spread.outlet_count,
    spread.half_on - lives.first_on as days_to_half_of_outlets,
    lives.hits as article_count
from lives
inner join phrases on lives.phrase_id = phrases.phrase_id
inner join first_uses on lives.phrase_id = first_uses.phrase_id
inner join spread on lives.phrase_id = spread.phrase_id
cross join coverage_start
