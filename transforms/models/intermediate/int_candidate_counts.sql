-- One row per shortlisted sequence with three articles on two days: where it stood in the 28 days, what stood beside it, and
-- whether its parts cohere.
{{ config(materialized='table', database='memory') }}

with shortlist as (
    select * from {{ ref('int_candidate_shortlist') }}
),

found as (
    select * from {{ ref('int_candidate_found') }}
),

places as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        unnest(places) as place
    from found
),

counts as (
    select
        language,
        place.key as key,
        count(*) as article_count,
        count(distinct published_on) as day_count,
        list_sort(list(distinct publisher_id)) as outlets,
        list(published_on order by published_on)[3] as third_on,
        count(*) filter (where place.is_whole) as whole_count
    from places
    group by all
),

frequent as (
    select
        shortlist.*,
        counts.article_count,
        counts.day_count,
        counts.outlets,
        counts.third_on,
        counts.whole_count
    from shortlist
    inner join counts on shortlist.language = counts.language and shortlist.key = counts.key
    where counts.article_count >= 3 and counts.day_count >= 2
),

neighbours as (
    select
        language,
        place.key as key,
        unnest(['left', 'right']) as side,
        unnest([place."left", place."right"]) as word
    from places
),

beside as (
    select
        language,
        key,
        side,
        word,
        count(*) as n
    from neighbours
    group by all
),

sides as (
    select
        frequent.language,
        frequent.key,
        beside.side,
        {{ neighbour_entropy('beside.word', 'beside.n', 'frequent.article_count') }} as entropy
    from frequent
    inner join beside on frequent.language = beside.language and frequent.key = beside.key
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

standing as (
    select
        token,
        unnest(numbers) as number
    from found
),

numbers as (
    select
        token,
        number,
        count(*) as n
    from standing
    group by token, number
),

held as (
    select
        language,
        token,
        candidate_texts(token) as texts
    from (select distinct language, token from found)
),

-- Articles with each candidate and each part.
stood as (
    select
        held.language,
        held.texts[numbers.number + 1] as text,
        numbers.n
    from numbers
    inner join held on numbers.token = held.token
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
            ln(parts.article_count * parts.window_count / (heads.n * tails.n)::double)
            / -ln(parts.article_count / parts.window_count::double)
        ) as cohesion
    from parts
    inner join stood as heads on parts.language = heads.language and parts.part.head = heads.text
    inner join stood as tails on parts.language = tails.language and parts.part.tail = tails.text
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
    verb_word_count,
    prior_count,
    first_seen_on,
    prior_total,
    z,
    article_count,
    day_count,
    outlets,
    third_on,
    whole_count,
    entropy,
    cohesion
from final
