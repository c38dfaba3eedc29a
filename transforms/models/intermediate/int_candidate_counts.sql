-- One row per shortlisted sequence: where it stood in the 28 days, what stood beside it, and whether its parts cohere.
{{ config(materialized='table', database='memory') }}

with shortlist as (
    select * from {{ ref('int_candidate_shortlist') }}
),

places as (
    select * from {{ ref('int_candidate_places') }}
),

counts as (
    select
        language,
        key,
        count(*) as article_count,
        count(distinct published_on) as day_count,
        list_sort(list(distinct publisher_id)) as outlets
    from places
    group by language, key
),

frequent as (
    select
        shortlist.*,
        counts.article_count,
        counts.day_count,
        counts.outlets
    from shortlist
    inner join counts on shortlist.language = counts.language and shortlist.key = counts.key
    where counts.article_count >= 3 and counts.day_count >= 2
),

neighbours as (
    select
        language,
        key,
        'before' as side,
        before_word as neighbour,
        count(*) as n
    from places
    group by all
    union all
    select
        language,
        key,
        'after' as side,
        after_word as neighbour,
        count(*) as n
    from places
    group by all
),

sides as (
    select
        frequent.language,
        frequent.key,
        neighbours.side,
        {{ neighbour_entropy('neighbours.neighbour', 'neighbours.n', 'frequent.article_count') }} as entropy
    from frequent
    inner join neighbours on frequent.language = neighbours.language and frequent.key = neighbours.key
    group by all
),

entropies as (
    select
        language,
        key,
        min(entropy) as entropy
    from sides
    group by language, key
),

parts as (
    select
        language,
        key,
        article_count,
        window_count,
        unnest(split_candidate(key, language)) as part
    from frequent
),

-- The lowest normalised pointwise mutual information of the ways to part a sequence in two (Bouma 2009).
cohesions as (
    select
        parts.language,
        parts.key,
        min(
            ln(parts.article_count * parts.window_count / (heads.article_count * tails.article_count)::double)
            / -ln(parts.article_count / parts.window_count::double)
        ) as cohesion
    from parts
    inner join counts as heads on parts.language = heads.language and parts.part.head = heads.key
    inner join counts as tails on parts.language = tails.language and parts.part.tail = tails.key
    where parts.article_count < parts.window_count
    group by parts.language, parts.key
),

final as (
    select
        frequent.*,
        entropies.entropy,
        cohesions.cohesion
    from frequent
    inner join entropies on frequent.language = entropies.language and frequent.key = entropies.key
    left join cohesions on frequent.language = cohesions.language and frequent.key = cohesions.key
)

select
    language,
    key,
    phrase,
    policy_count,
    verb_count,
    head_noun_count,
    quote_count,
    evidence,
    prior_count,
    first_seen_on,
    prior_total,
    z,
    article_count,
    day_count,
    outlets,
    entropy,
    cohesion
from final
