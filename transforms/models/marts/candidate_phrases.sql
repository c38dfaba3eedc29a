-- One row per language and rising sequence of words that no list holds yet: for a person to review.
--
-- Ranked by its rise (int_candidate_shortlist), weighed with the kinds of evidence, the share of its articles that have evidence,
-- and whether its parts cohere. Out: what nearly always stands in a longer one, what has too few different neighbours, overlaps
-- of better ones, what was reviewed in the 84 days before.
{{ config(unique_key=['language', 'rank'], order_by='language, rank') }}

with counts as (
    select * from {{ ref('int_candidate_counts') }}
),

sequences as (
    select * from {{ ref('int_candidate_sequences') }}
),

places as (
    select * from {{ ref('int_candidate_places') }}
    where start_offset is not null
),

articles as (
    select * from {{ source('core', 'articles') }}
),

reviews as (
    select * from {{ source('reviews', 'candidate_reviews') }}
    where reviewed_on > {{ candidates_until() }} - 84 and reviewed_on <= {{ candidates_until() }}
),

scored as (
    select
        *,
        -- A verb says most; a head noun is in every name of a thing; without parts there is nothing to tell whether they cohere.
        z
        * (1 + 0.3 * (len(evidence) - 1))
        * sqrt(least((verb_count + 0.6 * head_noun_count + 0.8 * quote_count) / article_count, 1.5))
        * greatest(0.3 + coalesce(cohesion, if(language in ('zh', 'ja'), 0.15, 0.5)), 0.2) as score,
        if(language in ('zh', 'ja'), key, ' ' || key || ' ') as padded
    from counts
    where entropy >= 0.9
),

closed as (
    select one.*
    from scored as one
    where not exists (
        select 1
        from scored as longer
        where
            one.language = longer.language
            and length(longer.padded) > length(one.padded)
            and contains(longer.padded, one.padded)
            and longer.article_count >= 0.6 * one.article_count
    )
),

single as (
    select one.*
    from closed as one
    where not exists (
        select 1
        from closed as better
        where
            one.language = better.language
            and one.key != better.key
            and (better.score, better.key) > (one.score, one.key)
            and (contains(better.padded, one.padded) or contains(one.padded, better.padded))
    )
),

ranked as (
    select
        *,
        row_number() over (partition by language order by score desc, key asc) as rank
    from single
    where
        not exists (
            select 1
            from reviews
            where
                single.language = lower(regexp_extract(reviews.language, '^[^-_]+'))
                and lower(reviews.phrase) in (lower(single.phrase), single.key)
        )
    qualify rank <= 200
),

shown as (
    select
        ranked.language,
        ranked.key,
        places.article_id,
        row_number() over (
            partition by ranked.language, ranked.key order by places.published_on desc, places.article_id asc
        ) as number,
        {{ snippet("articles.title || chr(10) || articles.body_text", 'places.start_offset', 'places.end_offset') }} as example
    from ranked
    inner join places on ranked.language = places.language and ranked.key = places.key
    inner join articles on places.article_id = articles.article_id
    qualify number <= 3
),

examples as (
    select
        language,
        key,
        list(example order by number) as examples,
        list(article_id order by number) as example_article_ids
    from shown
    group by language, key
),

firsts as (
    select
        ranked.language,
        ranked.key,
        arg_min(articles.article_id, (articles.published_at, articles.article_id)) as first_article_id,
        arg_min(articles.publisher_id, (articles.published_at, articles.article_id)) as first_outlet
    from ranked
    inner join sequences
        on
            ranked.language = sequences.language
            and ranked.key = sequences.key
            and ranked.first_seen_on = sequences.published_on
    inner join articles on sequences.article_id = articles.article_id
    group by ranked.language, ranked.key
),

final as (
    select
        ranked.* exclude (prior_count),
        if(ranked.prior_total > 0, ranked.prior_count, null) as prior_count,
        firsts.first_article_id,
        firsts.first_outlet,
        examples.examples,
        examples.example_article_ids,
        len(ranked.outlets) as outlet_count,
        {{ candidates_until() }} as as_of
    from ranked
    inner join firsts on ranked.language = firsts.language and ranked.key = firsts.key
    inner join examples on ranked.language = examples.language and ranked.key = examples.key
)

select
    language,
    phrase,
    rank,
    score,
    z,
    article_count,
    policy_count,
    prior_count,
    day_count,
    outlet_count,
    outlets,
    evidence,
    first_seen_on,
    first_article_id,
    first_outlet,
    examples,
    example_article_ids,
    as_of
from final
