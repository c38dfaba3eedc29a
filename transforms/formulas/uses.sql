-- The use of phrases: by owner, and over time.

-- Return how often each owner (an outlet or a speaker) uses the phrases of a month and language,
-- compared with the others: y1 of n1 and y2 of n2 mentions, log_odds and z. Parameters:
-- phrase_uses: name of a table with month_start_on, language, owner, phrase_id, theme_id, phrase
-- and hits, as text. The prior is the distribution over all owners in that month, as 100 mentions.
create or replace macro keyness(phrase_uses) as table (
    with owners as (
        select
            month_start_on, language, owner,
            sum(hits) as owner_hits,
            sum(owner_hits) over (partition by month_start_on, language) as language_hits
        from query_table(phrase_uses)
        group by month_start_on, language, owner
        qualify count(*) over (partition by month_start_on, language) > 1
    ),

    terms as (
        select
            month_start_on, language, phrase_id, theme_id, phrase,
            sum(hits) as term_hits
        from query_table(phrase_uses)
        group by all
    ),

    compared as (
        select
            month_start_on, language, owner, phrase_id, terms.theme_id, terms.phrase,
            coalesce(hits, 0)::double as y1,
            owner_hits::double as n1,
            (term_hits - coalesce(hits, 0))::double as y2,
            (language_hits - owner_hits)::double as n2,
            100 * term_hits / language_hits::double as a
        from owners
        inner join terms using (month_start_on, language)
        left join query_table(phrase_uses)
            using (month_start_on, language, owner, phrase_id)
        where term_hits < language_hits
    )

    select
        *,
        log_odds(y1, n1, y2, n2, a, 100) as log_odds,
        log_odds_z(y1, n1, y2, n2, a, 100) as z
    from compared
);

-- Return the first observed use of each phrase by each outlet, and whether an earlier use can have
-- been missed, as in phrase_adoptions. Parameters: uses: name of a table with the columns of
-- int_phrase_outlet_days, as text; days: name of a table of all days of the outlets with
-- publisher_id, published_on, article_count and is_gap, as text.
--
-- The observed time before a first use is compared with the phrase's own pauses, in articles of the
-- outlet (Altmann, Pierrehumbert and Motter 2009, PLoS ONE 4). missed_risk is the probability of a
-- pause of this length in a heavy tail (Pareto, exponent 1), with the number of days with uses as
-- that of pauses: at most .0005 if the use is certain, after 365 observed days and with uses in six
-- periods of 30 days. In a gap of D days an earlier use is missed with the probability D / (D + W),
-- for W days observed since, times the risk of the time since. docs/method.md derives both.
create or replace macro first_uses(uses, days) as table (
    with observed_days as (
        select
            publisher_id, published_on, is_gap,
            if(is_gap, 0, article_count) as seen_count,
            coalesce(sum(seen_count) over earlier, 0)::double as prior_total,
            sum(seen_count) over (partition by publisher_id)::double as total,
            count(*) filter (not is_gap) over earlier as prior_days,
            min(published_on) filter (not is_gap) over (partition by publisher_id)
                as observed_from_on
        from query_table(days)
        window earlier as (
            partition by publisher_id
            order by published_on rows between unbounded preceding and 1 preceding
        )
    ),

    -- The number of observed days before a gap identifies it.
    gaps as (
        select
            publisher_id, prior_days, prior_total,
            min(published_on) as gap_from,
            max(published_on) as gap_until
        from observed_days
        where is_gap and prior_days > 0
        group by all
    ),

    pauses as (
        select
            uses.*,
            prior_days, prior_total, observed_from_on,
            min(published_on) over (partition by phrase_id, publisher_id) as first_on,
            lead(prior_total, 1, total) over (
                partition by phrase_id, publisher_id order by published_on
            ) - prior_total as pause
        from query_table(uses) as uses
        inner join observed_days using (publisher_id, published_on)
    ),

    firsts as (
        select
            phrase_id, publisher_id, first_on, observed_from_on,
            arg_min(first_used_at, published_on) as first_used_at,
            arg_min(first_article_id, published_on) as first_article_id,
            sum(article_count)::bigint as article_count,
            min(prior_days) as first_days,
            min(prior_total) as first_total,
            count(distinct (published_on - first_on) // 30) as month_count,
            greatest(max(pause), 1) / count(*) as usual_time,
            missed_risk(usual_time, first_total) as missed_risk
        from pauses
        group by all
    ),

    risky_gaps as (
        select phrase_id, publisher_id, min(gap_from) as gap_from
        from firsts
        inner join gaps using (publisher_id)
        cross join lateral (
            select
                least(gap_until + 1, first_on) - gap_from as gap_days,
                first_days - prior_days as days_since,
                missed_risk(usual_time, first_total - prior_total) as risk_since
        ) as measured
        where gap_from < first_on and gap_days / (gap_days + days_since) * risk_since > 0.0005
        group by all
    ),

    judged as (
        select
            *,
            case
                when first_days < 365 then 'too_early'
                when missed_risk > 0.0005 or month_count < 6 then 'too_rare'
                when gap_from is not null then 'after_gap'
            end as uncertain_because
        from firsts
        left join risky_gaps using (phrase_id, publisher_id)
    )

    select
        phrase_id, publisher_id,
        first_on as first_seen_on,
        first_used_at, first_article_id,
        uncertain_because is null as first_seen_is_certain,
        uncertain_because,
        case
            when uncertain_because = 'after_gap' then gap_from
            when uncertain_because is null then first_on
        end as earliest_possible_on,
        observed_from_on,
        first_days as observed_day_count,
        missed_risk,
        gap_from as possible_gap_on,
        article_count
    from judged
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
            min(possible_gap_on) over (partition by phrase_id) as gap_on,
            coalesce(uncertain_because, if(gap_on < first_seen_on, 'after_gap', null)) as reason,
            count(*) over (partition by phrase_id) as outlet_count
        from query_table(adoptions)
        qualify row_number()
            over (partition by phrase_id order by first_seen_on, first_used_at, publisher_id) = 1
    ),

    known_adoptions as (
        select
            adoptions.phrase_id as series,
            adoptions.first_seen_on as adopted_on
        from query_table(adoptions) as adoptions
        inner join first_outlets using (phrase_id)
        where
            reason is null
            and adoptions.observed_from_on <= first_outlets.first_seen_on
            and adoptions.possible_gap_on is null
    )

    select
        phrase_id,
        first_on as first_seen_on,
        publisher_id as first_publisher_id,
        first_article_id,
        reason is null as first_seen_is_certain,
        reason as uncertain_because,
        case
            when reason = 'after_gap' then gap_on
            when reason is null then first_seen_on
        end as earliest_possible_on,
        observed_day_count, peak_on,
        last_on as last_seen_on,
        half_life_days,
        first_outlets.outlet_count,
        half_on - first_on as days_to_half_of_outlets,
        hits as article_count
    from lives('days') as lives
    inner join first_outlets on lives.series = phrase_id
    left join diffusion('known_adoptions') as spread on lives.series = spread.series
);
