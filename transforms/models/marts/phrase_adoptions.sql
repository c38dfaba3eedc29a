-- One row per phrase and outlet that ever used it: the outlet's first use, and whether it can have used the phrase before.
-- General words have no row, because they count only in articles about their theme.
{{ config(
    unique_key=['phrase_id', 'publisher_id'],
    order_by='phrase_id, publisher_id'
) }}

with all_days as (
    select * from {{ ref('int_phrase_outlet_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
    where salience is null
),

phrase_days as (
    select all_days.*
    from all_days
    semi join phrases on all_days.phrase_id = phrases.phrase_id
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
),

firsts as (
    {{ first_uses('phrase_days', 'outlet_daily') | indent(4) }}
)

select
    firsts.phrase_id,
    firsts.publisher_id,
    firsts.first_on as first_seen_on,
    phrase_days.first_used_at,
    phrase_days.first_article_id,
    firsts.uncertain_because is null as first_seen_is_certain,
    firsts.uncertain_because,
    case
        when firsts.uncertain_because = 'after_gap' then firsts.gap_from
        when firsts.uncertain_because is null then firsts.first_on
    end as earliest_possible_on,
    firsts.observed_from as observed_from_on,
    firsts.observed_days as observed_day_count,
    firsts.expected_count,
    firsts.gap_from as possible_gap_on,
    firsts.hits as article_count
from firsts
inner join phrase_days
    on
        firsts.phrase_id = phrase_days.phrase_id
        and firsts.publisher_id = phrase_days.publisher_id
        and firsts.first_on = phrase_days.published_on
