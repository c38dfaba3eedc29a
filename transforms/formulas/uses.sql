-- The use of phrases: by owner, and over time.

-- Return how often each owner (an outlet or a speaker) uses the phrases of a month and language,
-- compared with the others: y1 of n1 and y2 of n2 mentions, log_odds and z. Parameters:
-- phrase_uses: name of a table with month_start_on, language, owner, phrase_id, theme_id, phrase
-- and hits, as text. The prior is the distribution over all owners in that month, as 100 mentions.
create or replace macro keyness(phrase_uses) as table (
    with owners as (
        select
            month_start_on,
            language,
            owner,
            sum(hits) as owner_hits,
            sum(owner_hits) over (partition by month_start_on, language) as language_hits
        from query_table(phrase_uses)
        group by month_start_on, language, owner
        qualify count(*) over (partition by month_start_on, language) > 1
    ),

    terms as (
        select
            month_start_on,
            language,
            phrase_id,
            theme_id,
            phrase,
            sum(hits) as term_hits
        from query_table(phrase_uses)
        group by all
    ),

    compared as (
        select
            owners.month_start_on,
            owners.language,
            owners.owner,
            terms.phrase_id,
            terms.theme_id,
            terms.phrase,
            coalesce(used.hits, 0)::double as y1,
            owners.owner_hits::double as n1,
            (terms.term_hits - coalesce(used.hits, 0))::double as y2,
            (owners.language_hits - owners.owner_hits)::double as n2,
            100 * terms.term_hits / owners.language_hits::double as a
        from owners
        inner join terms on owners.month_start_on = terms.month_start_on
            and owners.language = terms.language
        left join query_table(phrase_uses) as used
            on
                owners.month_start_on = used.month_start_on
                and owners.language = used.language
                and owners.owner = used.owner
                and terms.phrase_id = used.phrase_id
        where terms.term_hits < owners.language_hits
    )

    select
        *,
        log_odds(y1, n1, y2, n2, a, 100) as log_odds,
        log_odds_z(y1, n1, y2, n2, a, 100) as z
    from compared
);

-- Return the first observed use of each phrase by each outlet, and whether an earlier use can have
-- been missed. Parameters: uses: name of a table with phrase_id, publisher_id, published_on and
-- article_count, as text; days: name of a table of all days of the outlets with publisher_id,
-- published_on, article_count and is_gap, as text; most_risk: largest risk of a certain first use;
-- year: days that must have been observed before it; least_months: periods of 30 days with uses
-- that it needs.
--
-- The observed time before a first use is compared with the phrase's own pauses, in articles of the
-- outlet (Altmann, Pierrehumbert and Motter 2009, PLoS ONE 4). missed_risk is the probability of a
-- pause of this length in a heavy tail (Pareto, exponent 1), with the number of days with uses as
-- that of pauses. In a gap of D days an earlier use is missed with the probability D / (D + W), for
-- W days observed since, times the risk of the time since. docs/method.md derives both.
create or replace macro first_uses(
    uses, days, most_risk := 0.0005, year := 365, least_months := 6
) as table (
    with observed_days as (
        select
            publisher_id,
            published_on,
            is_gap,
            coalesce(sum(if(is_gap, 0, article_count)) over earlier, 0)::double as prior_total,
            sum(if(is_gap, 0, article_count)) over (partition by publisher_id)::double as total,
            count(*) filter (where not is_gap) over earlier as prior_days,
            min(published_on) filter (where not is_gap) over (partition by publisher_id)
                as observed_from
        from query_table(days)
        window earlier as (
            partition by publisher_id
            order by published_on rows between unbounded preceding and 1 preceding
        )
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
        group by all
    ),

    pauses as (
        select
            uses.phrase_id,
            uses.publisher_id,
            uses.published_on,
            uses.article_count,
            observed_days.prior_days,
            observed_days.prior_total,
            observed_days.observed_from,
            min(uses.published_on)
            over (partition by uses.phrase_id, uses.publisher_id) as first_on,
            lead(observed_days.prior_total, 1, observed_days.total) over (
                partition by uses.phrase_id, uses.publisher_id
                order by uses.published_on
            ) - observed_days.prior_total as pause
        from query_table(uses) as uses
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
            greatest(max(pause), 1) / count(*) as usual_time,
            missed_risk(usual_time, min(prior_total)) as missed_risk,
            observed_from
        from pauses
        group by all
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
                missed_risk(firsts.usual_time, firsts.prior_total - gaps.prior_total)
                    as risk_since
        ) as measured
        where measured.gap_days
            / (measured.gap_days + measured.days_since) * measured.risk_since > most_risk
        group by all
    )

    select
        firsts.phrase_id,
        firsts.publisher_id,
        firsts.first_on,
        firsts.hits,
        firsts.observed_from,
        firsts.prior_days as observed_days,
        firsts.missed_risk,
        risky_gaps.gap_from,
        case
            when firsts.prior_days < year then 'too_early'
            when firsts.missed_risk > most_risk or firsts.month_count < least_months
                then 'too_rare'
            when risky_gaps.gap_from is not null then 'after_gap'
        end as uncertain_because
    from firsts
    left join risky_gaps
        on firsts.phrase_id = risky_gaps.phrase_id
            and firsts.publisher_id = risky_gaps.publisher_id
);

-- Return the rows of phrase_adoptions. Parameters: uses: name of a table with the columns of
-- int_phrase_outlet_days, as text; days: as in first_uses.
create or replace macro adoption_rows(uses, days) as table (
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
    from first_uses(uses, days) as firsts
    inner join query_table(uses) as uses
        on
            firsts.phrase_id = uses.phrase_id
            and firsts.publisher_id = uses.publisher_id
            and firsts.first_on = uses.published_on
);

-- Return a row per phrase or formulation, as in phrase_lives. Parameters: uses: as in first_uses;
-- adoptions: name of a table with the columns of phrase_adoptions, as text. The order of outlets is
-- open if another outlet can have used the phrase in an earlier gap.
create or replace macro life_rows(uses, adoptions) as table (
    with days as materialized (
        select
            phrase_id as series,
            published_on as batch_on,
            sum(article_count)::bigint as hits
        from query_table(uses)
        group by all
    ),

    first_outlets as (
        select
            *,
            count(*) over (partition by phrase_id) as outlet_count,
            min(possible_gap_on) over (partition by phrase_id) as gap_on,
            coalesce(uncertain_because, if(gap_on < first_seen_on, 'after_gap', null)) as reason
        from query_table(adoptions)
        qualify row_number()
            over (partition by phrase_id order by first_seen_on, first_used_at, publisher_id) = 1
    ),

    known_adoptions as (
        select
            adoptions.phrase_id as series,
            adoptions.publisher_id as outlet,
            adoptions.first_seen_on as adopted_on
        from query_table(adoptions) as adoptions
        inner join first_outlets on adoptions.phrase_id = first_outlets.phrase_id
        where
            first_outlets.reason is null
            and adoptions.observed_from_on <= first_outlets.first_seen_on
            and adoptions.possible_gap_on is null
    )

    select
        lives.series as phrase_id,
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
        first_outlets.outlet_count,
        spread.half_on - lives.first_on as days_to_half_of_outlets,
        lives.hits as article_count
    from lives('days') as lives
    inner join first_outlets on lives.series = first_outlets.phrase_id
    left join diffusion('known_adoptions') as spread on lives.series = spread.series
);
