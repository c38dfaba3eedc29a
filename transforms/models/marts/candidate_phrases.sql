-- One row per language and rising sequence of words that no list holds yet: for a person to review.
--
-- Ranked by candidate_score: its rise (int_candidate_shortlist), what evidence it has, and whether it is one whole. Out: what
-- nearly always stands in a longer one, what has too few different neighbours, overlaps of better ones, what was reviewed in the
-- 84 days before.
{{ config(unique_key=['language', 'rank'], order_by='language, rank') }}

with counts as (
    select * from {{ ref('int_candidate_counts') }}
),

sequences as (
    select * from {{ ref('int_candidate_sequences') }}
    where published_on > {{ candidates_from() }} - 365
),

found as (
    select * from {{ ref('int_candidate_found') }}
),

articles as (
    select * from {{ ref('stg_articles') }}
    where published_on > {{ candidates_from() }} - 365 and published_on <= {{ candidates_until() }}
),

bodies as (
    select * from {{ source('core', 'articles') }}
    where published_on > {{ candidates_from() }} and published_on <= {{ candidates_until() }}
),

reviews as (
    select * from {{ source('reviews', 'candidate_reviews') }}
    where reviewed_on > {{ candidates_until() }} - 84 and reviewed_on <= {{ candidates_until() }}
),

scored as (
    select
        *,
        {{ candidate_score() }} as score,
        if(language in ('zh', 'ja'), key, ' ' || key || ' ') as padded
    from counts
    where entropy >= 0.3
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

places as (
    select
        language,
        article_id,
        published_on,
        unnest(places).key as key
    from found
),

newest as (
    select
        ranked.language,
        ranked.key,
        places.article_id,
        row_number() over (
            partition by ranked.language, ranked.key order by places.published_on desc, places.article_id asc
        ) as number
    from ranked
    inner join places on ranked.language = places.language and ranked.key = places.key
    qualify number <= 3
),

texts as (
    select
        newest.*,
        bodies.title || chr(10) || bodies.body_text as text,
        locate_candidate(text, newest.key, newest.language) as span
    from newest
    inner join bodies on newest.article_id = bodies.article_id
),

shown as (
    select
        *,
        {{ snippet('text', 'span.start_offset', 'span.end_offset') }} as example
    from texts
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
        {{ candidates_until() }} as as_of,
        list_filter(
            ['head_noun', 'quote', 'verb'],
            lambda kind: case kind
                when 'verb' then ranked.verb_count
                when 'quote' then ranked.quote_count
                else ranked.head_noun_count
            end > 0
        ) as evidence
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
