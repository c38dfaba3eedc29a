{#-
    Return a select of one row per phrase and outlet: the first observed use, and whether an earlier
    use can have been missed.

    uses: a relation with phrase_id, publisher_id, published_on and article_count. days: a relation
    of all days of the outlets with publisher_id, published_on, article_count and is_gap. Days
    before an outlet's first day without a gap are not observed.

    The time before a first use is compared with the phrase's own pauses, not with its rate: words
    come in bursts, so that a rate underestimates how long they can be absent (Altmann,
    Pierrehumbert and Motter 2009, PLoS ONE 4). Time is measured in observed articles of the outlet;
    a pause ends with the next use or the last article. If the phrase was in use before, the
    observed time before the first use is another pause. Among n + 1 similar pauses each is the
    longest with the probability 1 / (n + 1). It is also g times as long as the other ones with the
    probability 1 / (g * (n + 1)), if pauses have the heavy tail of a Pareto distribution with
    exponent 1. missed_risk is this value, at most 1, with n + 1 as the number of days with uses.

    Every gap of D days is a new start. An earlier use is missed in it with the probability D / (D +
    W) (the phrase began in the gap, not in the W days observed since), times the risk of the time
    since. The first use is certain if no such value exceeds `most_risk`, if a year was observed
    before it, because many phrases return each year, and if the uses occur in at least
    `least_months` periods of 30 days (that of the first use included), because a single event or
    campaign has no pauses.

    Columns: phrase_id, publisher_id, first_on, hits, observed_from, observed_days, missed_risk,
    gap_from, uncertain_because.
-#}
{% macro first_uses(uses, days, most_risk=0.0005, year=365, least_months=6) -%}
    with observed_days as (
        select
            publisher_id,
            published_on,
            is_gap,
            coalesce(sum(if(is_gap, 0, article_count)) over earlier, 0)::double as prior_total,
            sum(if(is_gap, 0, article_count)) over (partition by publisher_id)::double as total,
            count(*) filter (where not is_gap) over earlier as prior_days
        from {{ days }}
        window earlier as (
            partition by publisher_id
            order by published_on rows between unbounded preceding and 1 preceding
        )
    ),

    outlets as (
        select
            publisher_id,
            min(published_on) filter (where not is_gap) as observed_from
        from observed_days
        group by publisher_id
    ),

    -- The number of observed days before a gap identifies it.
    gaps as (
        select
            publisher_id,
            prior_days,
            prior_total,
            min(published_on) as gap_from,
            max(published_on) as gap_until
        from observed_days
        where is_gap and prior_days > 0
        group by publisher_id, prior_days, prior_total
    ),

    pauses as (
        select
            uses.phrase_id,
            uses.publisher_id,
            uses.published_on,
            uses.article_count,
            observed_days.prior_days,
            observed_days.prior_total,
            min(uses.published_on)
            over (partition by uses.phrase_id, uses.publisher_id) as first_on,
            lead(observed_days.prior_total, 1, observed_days.total) over (
                partition by uses.phrase_id, uses.publisher_id
                order by uses.published_on
            ) - observed_days.prior_total as pause
        from {{ uses }} as uses
        inner join observed_days
            on uses.publisher_id = observed_days.publisher_id
                and uses.published_on = observed_days.published_on
    ),

    firsts as (
        select
            phrase_id,
            publisher_id,
            first_on,
            sum(article_count)::bigint as hits,
            min(prior_days) as prior_days,
            min(prior_total) as prior_total,
            count(distinct (published_on - first_on) // 30) as month_count,
            greatest(max(pause), 1) / count(*) as usual_time
        from pauses
        group by phrase_id, publisher_id, first_on
    ),

    risky_gaps as (
        select
            firsts.phrase_id,
            firsts.publisher_id,
            min(gaps.gap_from) as gap_from
        from firsts
        inner join gaps on firsts.publisher_id = gaps.publisher_id
            and gaps.gap_from < firsts.first_on
        cross join lateral (
            select
                least(gaps.gap_until + 1, firsts.first_on) - gaps.gap_from as gap_days,
                firsts.prior_days - gaps.prior_days as days_since,
                {{ missed_risk('firsts.usual_time', 'firsts.prior_total - gaps.prior_total') }}
                    as risk_since
        ) as measured
        where measured.gap_days
            / (measured.gap_days + measured.days_since) * measured.risk_since > {{ most_risk }}
        group by firsts.phrase_id, firsts.publisher_id
    ),

    measured as (
        select
            firsts.*,
            outlets.observed_from,
            risky_gaps.gap_from,
            {{ missed_risk('firsts.usual_time', 'firsts.prior_total') }} as missed_risk
        from firsts
        inner join outlets on firsts.publisher_id = outlets.publisher_id
        left join risky_gaps
            on firsts.phrase_id = risky_gaps.phrase_id
                and firsts.publisher_id = risky_gaps.publisher_id
    )

    select
        phrase_id,
        publisher_id,
        first_on,
        hits,
        observed_from,
        prior_days as observed_days,
        missed_risk,
        gap_from,
        case
            when prior_days < {{ year }} then 'too_early'
            when missed_risk > {{ most_risk }} or month_count < {{ least_months }} then 'too_rare'
            when gap_from is not null then 'after_gap'
        end as uncertain_because
    from measured
{%- endmacro %}


{#- Return the risk that a phrase was in use before a time of so many articles without it. -#}
{% macro missed_risk(usual_time, articles) -%}
    least(coalesce({{ usual_time }} / nullif({{ articles }}, 0), 1), 1)
{%- endmacro %}
