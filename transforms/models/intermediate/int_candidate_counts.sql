-- One row per shortlisted sequence that occurs in at least three articles on two days: its counts in the 28 days, the entropy
-- of its neighbouring words, and the cohesion of its parts.
{{ config(materialized='table', database='memory') }}

with shortlist as (
    select * from {{ ref('int_candidate_shortlist') }}
),

occurrences as (
    select * from {{ ref('int_candidate_occurrences') }}
),

places as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        unnest(places) as place
    from occurrences
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

neighbour_counts as (
    select
        language,
        key,
        side,
        word,
        count(*) as n
    from neighbours
    group by all
),

side_entropies as (
    select
        frequent.language,
        frequent.key,
        neighbour_counts.side,
        {{ neighbour_entropy('neighbour_counts.word', 'neighbour_counts.n', 'frequent.article_count') }} as entropy
    from frequent
    inner join neighbour_counts on frequent.language = neighbour_counts.language and frequent.key = neighbour_counts.key
    group by all
),

entropies as (
    select
        language,
        key,
        min(entropy) as entropy
    from side_entropies
    group by language, key
),

article_parts as (
    select
        token,
        unnest(numbers) as number
    from occurrences
),

numbers as (
    select
        token,
        number,
        count(*) as n
    from article_parts
    group by token, number
),

part_texts as (
    select
        language,
        token,
        candidate_texts(token) as texts
    from (select distinct language, token from occurrences)
),

-- The number of articles that contain each candidate or part.
text_counts as (
    select
        part_texts.language,
        part_texts.texts[numbers.number + 1] as text,
        numbers.n
    from numbers
    inner join part_texts on numbers.token = part_texts.token
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

-- The lowest normalised pointwise mutual information over all splits of a sequence into two parts (Bouma 2009).
cohesions as (
    select
        parts.language,
        parts.key,
        min(
            ln(parts.article_count * parts.window_count / (heads.n * tails.n)::double)
            / -ln(parts.article_count / parts.window_count::double)
        ) as cohesion
    from parts
    inner join text_counts as heads on parts.language = heads.language and parts.part.head = heads.text
    inner join text_counts as tails on parts.language = tails.language and parts.part.tail = tails.text
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
