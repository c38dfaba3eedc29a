{#-
    Return a select of one row per phrase and outlet: the first observed use, and whether an earlier use can have been missed.

    uses: a relation with phrase_id, publisher_id, published_on and article_count. days: a relation of all days of the outlets with
    publisher_id, published_on, article_count and is_gap. Days before an outlet's first day without a gap are not observed.

    The expected count of a period is its articles, times the share of later articles that use the phrase. A phrase's earlier rate
    is rarely its later rate: words come in bursts, and slogans rise. The earlier rate therefore has an exponential distribution
    around the later rate, which makes the probability of no use 1 / (1 + expected), a negative binomial with shape 1 (Church and
    Gale 1995, Natural Language Engineering 1). With a known rate it would be exp(-expected), and 3 expected uses would suffice.

    Every gap of D days is a new start. An earlier use is missed in it with the probability D / (D + W) (the phrase began in the
    gap, not in the W days observed since), times the probability of a use in the gap, times that of no use since. Before the first
    observed day, the first two are 1. The first use is certain if no period exceeds `most_risk`, and if a year was observed before
    it, because many phrases return each year.

    Columns: phrase_id, publisher_id, first_on, hits, observed_from, observed_days, expected_count, gap_from, uncertain_because.
-#}
{% macro first_uses(uses, days, most_risk=0.02, year=365) -%}
    with observed_days as (
        select
            publisher_id,
            published_on,
            is_gap,
            if(is_gap, 0, article_count) as total,
            coalesce(sum(if(is_gap, 0, article_count)) over earlier, 0)::double as prior_total,
            count(*) filter (where not is_gap) over earlier as prior_days
        from {{ days }}
        window earlier as (
            partition by publisher_id order by published_on rows between unbounded preceding and 1 preceding
        )
    ),

    outlets as (
        select
            publisher_id,
            min(published_on) filter (where not is_gap) as observed_from,
            sum(total) as total,
            count(*) filter (where not is_gap) as day_count
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

    firsts as (
        select
            phrase_id,
            publisher_id,
            min(published_on) as first_on,
            sum(article_count)::bigint as hits
        from {{ uses }}
        group by phrase_id, publisher_id
    ),

    rates as (
        select
            firsts.*,
            outlets.observed_from,
            observed_days.prior_days,
            observed_days.prior_total,
            outlets.total / nullif(outlets.day_count, 0) as daily_total,
            -- Uses on later days in gaps count too: their articles are few.
            coalesce(
                (firsts.hits - first_days.article_count) / nullif(outlets.total - observed_days.prior_total - observed_days.total, 0),
                0
            ) as rate
        from firsts
        inner join {{ uses }} as first_days
            on
                firsts.phrase_id = first_days.phrase_id
                and firsts.publisher_id = first_days.publisher_id
                and firsts.first_on = first_days.published_on
        inner join outlets on firsts.publisher_id = outlets.publisher_id
        inner join observed_days
            on firsts.publisher_id = observed_days.publisher_id and firsts.first_on = observed_days.published_on
    ),

    risky_gaps as (
        select
            rates.phrase_id,
            rates.publisher_id,
            min(gaps.gap_from) as gap_from
        from rates
        inner join gaps on rates.publisher_id = gaps.publisher_id and gaps.gap_from < rates.first_on
        cross join lateral (
            select
                least(gaps.gap_until + 1, rates.first_on) - gaps.gap_from as gap_days,
                rates.prior_days - gaps.prior_days as days_since,
                rates.rate * (rates.prior_total - gaps.prior_total) as expected_since
        ) as measured
        cross join lateral (select rates.rate * rates.daily_total * measured.gap_days as expected_in_gap) as expected
        where
            measured.gap_days / (measured.gap_days + measured.days_since)
            * expected.expected_in_gap / (1 + expected.expected_in_gap) / (1 + measured.expected_since) > {{ most_risk }}
        group by rates.phrase_id, rates.publisher_id
    )

    select
        rates.phrase_id,
        rates.publisher_id,
        rates.first_on,
        rates.hits,
        rates.observed_from,
        rates.prior_days as observed_days,
        rates.rate * rates.prior_total as expected_count,
        risky_gaps.gap_from,
        case
            when rates.prior_days < {{ year }} then 'too_early'
            when 1 / (1 + rates.rate * rates.prior_total) > {{ most_risk }} then 'too_rare'
            when risky_gaps.gap_from is not null then 'after_gap'
        end as uncertain_because
    from rates
    left join risky_gaps on rates.phrase_id = risky_gaps.phrase_id and rates.publisher_id = risky_gaps.publisher_id
{%- endmacro %}
