{#-
    Return a select of one row per phrase: first use, peak, fading and spread over outlets.

    uses: a relation with phrase_id, publisher_id, published_on and article_count. adoptions: a
    relation with the columns of phrase_adoptions. A formulation can take the place of a phrase,
    with its ID as phrase_id.

    The first outlet has the earliest first day; if several used the phrase on that day, it is the
    outlet with the earliest publication time. The order is open if another outlet can have used the
    phrase in an earlier gap. A later outlet's day is known if the outlet was observed from the
    first use on, without a gap in which it can have used the phrase.
-#}
{% macro life_rows(uses, adoptions) -%}
    with days as materialized (
        select
            phrase_id,
            published_on as batch_on,
            sum(article_count)::bigint as hits
        from {{ uses }}
        group by phrase_id, published_on
    ),

    lives as (
        {{ lives('days', ['phrase_id']) | indent(8) }}
    ),

    first_outlets as (
        select
            *,
            min(possible_gap_on) over (partition by phrase_id) as gap_on,
            coalesce(uncertain_because, if(gap_on < first_seen_on, 'after_gap', null)) as reason
        from {{ adoptions }}
        qualify row_number()
            over (partition by phrase_id order by first_seen_on, first_used_at, publisher_id) = 1
    ),

    known_adoptions as (
        select
            adoptions.phrase_id,
            adoptions.publisher_id as outlet,
            adoptions.first_seen_on as adopted_on
        from {{ adoptions }} as adoptions
        inner join first_outlets on adoptions.phrase_id = first_outlets.phrase_id
        where
            first_outlets.reason is null
            and adoptions.observed_from_on <= first_outlets.first_seen_on
            and adoptions.possible_gap_on is null
    ),

    spread as (
        {{ diffusion('known_adoptions', ['phrase_id']) | indent(8) }}
    ),

    outlet_counts as (
        select
            phrase_id,
            count(*) as outlet_count
        from {{ adoptions }}
        group by phrase_id
    )

    select
        lives.phrase_id,
        lives.first_on as first_seen_on,
        first_outlets.publisher_id as first_publisher_id,
        first_outlets.first_article_id,
        first_outlets.reason is null as first_seen_is_certain,
        first_outlets.reason as uncertain_because,
        case
            when first_outlets.reason = 'after_gap' then first_outlets.gap_on
            when first_outlets.reason is null then first_outlets.first_seen_on
        end as earliest_possible_on,
        first_outlets.observed_day_count,
        lives.peak_on,
        lives.last_on as last_seen_on,
        lives.half_life_days,
        outlet_counts.outlet_count,
        spread.half_on - lives.first_on as days_to_half_of_outlets,
        lives.hits as article_count
    from lives
    inner join first_outlets on lives.phrase_id = first_outlets.phrase_id
    inner join outlet_counts on lives.phrase_id = outlet_counts.phrase_id
    left join spread on lives.phrase_id = spread.phrase_id
{%- endmacro %}


{#-
    Return a select of one row per phrase and outlet that ever used it: the first use, and whether
    it can have used the phrase before.

    uses: a relation with the columns of int_phrase_outlet_days. days: see first_uses.
-#}
{% macro adoption_rows(uses, days) -%}
    with firsts as (
        {{ first_uses(uses, days) | indent(8) }}
    )

    select
        firsts.phrase_id,
        firsts.publisher_id,
        firsts.first_on as first_seen_on,
        uses.first_used_at,
        uses.first_article_id,
        firsts.uncertain_because is null as first_seen_is_certain,
        firsts.uncertain_because,
        case
            when firsts.uncertain_because = 'after_gap' then firsts.gap_from
            when firsts.uncertain_because is null then firsts.first_on
        end as earliest_possible_on,
        firsts.observed_from as observed_from_on,
        firsts.observed_days as observed_day_count,
        firsts.missed_risk,
        firsts.gap_from as possible_gap_on,
        firsts.hits as article_count
    from firsts
    inner join {{ uses }} as uses
        on
            firsts.phrase_id = uses.phrase_id
            and firsts.publisher_id = uses.publisher_id
            and firsts.first_on = uses.published_on
{%- endmacro %}
