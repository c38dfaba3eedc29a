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

adoptions as (
    select * from {{ ref('phrase_adoptions') }}
),

-- Materialise this CTE: it is much smaller than the days of all outlets.
days as materialized (
    select
        phrase_id,
        published_on as batch_on,
        sum(article_count)::bigint as hits
    from phrase_days
    group by phrase_id, published_on
),

lives as (
    {{ lives('days', ['phrase_id']) | indent(4) }}
),

-- The first outlet; if several used the phrase on that day, the outlet with the earliest publication time. The order is open if
-- another outlet can have used the phrase in an earlier gap.
first_uses as (
    select
        *,
        min(possible_gap_on) over (partition by phrase_id) as gap_on,
        coalesce(uncertain_because, if(gap_on < first_seen_on, 'after_gap', null)) as reason
    from adoptions
    qualify row_number() over (partition by phrase_id order by first_seen_on, first_used_at, publisher_id) = 1
),

-- A later outlet's day is known if the outlet was observed from the first use on, without a gap in which it can have used the
-- phrase.
known_adoptions as (
    select
        adoptions.phrase_id,
        adoptions.publisher_id as outlet,
        adoptions.first_seen_on as adopted_on
    from adoptions
    inner join first_uses on adoptions.phrase_id = first_uses.phrase_id
    where
        first_uses.reason is null
        and adoptions.observed_from_on <= first_uses.first_seen_on
        and adoptions.possible_gap_on is null
),

spread as (
    {{ diffusion('known_adoptions', ['phrase_id']) | indent(4) }}
),

outlet_counts as (
    select
        phrase_id,
        count(*) as outlet_count
    from adoptions
    group by phrase_id
)

select
    lives.phrase_id,
    phrases.theme_id,
    phrases.language,
    phrases.phrase,
    lives.first_on as first_seen_on,
    first_uses.publisher_id as first_publisher_id,
    first_uses.first_article_id,
    first_uses.reason is null as first_seen_is_certain,
    first_uses.reason as uncertain_because,
    case
        when first_uses.reason = 'after_gap' then first_uses.gap_on
        when first_uses.reason is null then first_uses.first_seen_on
    end as earliest_possible_on,
    first_uses.observed_day_count,
    lives.peak_on,
    lives.last_on as last_seen_on,
    lives.half_life_days,
    outlet_counts.outlet_count,
    spread.half_on - lives.first_on as days_to_half_of_outlets,
    lives.hits as article_count
from lives
inner join phrases on lives.phrase_id = phrases.phrase_id
inner join first_uses on lives.phrase_id = first_uses.phrase_id
inner join outlet_counts on lives.phrase_id = outlet_counts.phrase_id
left join spread on lives.phrase_id = spread.phrase_id
