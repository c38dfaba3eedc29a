-- One row per shortlisted sequence that occurs on two days of the period, and in three articles of
-- the period and the year before: its counts in both, the entropy of its neighbouring words, and
-- the cohesion of its parts.
{{ config(materialized='table', database='memory') }}

with occurrences as (
    select * from {{ ref('int_candidate_occurrences') }}
),

places as (
    select
        article_id,
        publisher_id,
        published_on,
        language,
        text_length,
        unnest(places) as place
    from occurrences
    where is_recent
),

background_keys as (
    select
        language,
        published_on,
        unnest(list_transform(places, lambda place: place.key)) as key
    from occurrences
    where not is_recent
),

background as (
    select
        language,
        key,
        count(*) as background_count,
        min(published_on, 3) as background_days
    from background_keys
    group by language, key
),

background_totals as (
    select
        language,
        sum(article_count) as background_total
    from {{ ref('int_candidate_days') }}
    where not is_recent
    group by language
),

-- The number of sequences with policy evidence per 1,000 characters shows how much an article is
-- about policy.
policy_counts as (
    select
        article_id,
        count(*) as sequence_count
    from {{ source('annotations', 'sequences') }}
    where published_on > {{ candidates_until() }} - 84 and published_on <= {{ candidates_until() }}
    group by article_id
),

dense_places as (
    select
        places.*,
        coalesce(1000 * policy_counts.sequence_count / places.text_length, 0) as policy_density
    from places
    left join policy_counts on places.article_id = policy_counts.article_id
),

counts as (
    select
        language,
        place.key as key,
        count(*) as article_count,
        count(distinct published_on) as day_count,
        list_sort(list(distinct publisher_id)) as outlets,
        min(published_on, 3) as recent_days,
        max(published_on) - min(published_on) as span_days,
        count(*) filter (where place.is_whole) as whole_count,
        median(policy_density) as policy_density
    from dense_places
    group by all
),

frequent as (
    select
        shortlist.* exclude (first_seen_on),
        list_concat(background.background_days, counts.recent_days) as first_days,
        coalesce(shortlist.first_seen_on, first_days[1]) as first_seen_on,
        first_days[3] as third_on,
        counts.* exclude (language, key, recent_days),
        coalesce(background.background_count, 0) as background_count,
        coalesce(background_totals.background_total, 0) as background_total
    from {{ ref('int_candidate_shortlist') }} as shortlist
    inner join counts on shortlist.language = counts.language and shortlist.key = counts.key
    left join background on shortlist.language = background.language and shortlist.key = background.key
    left join background_totals on shortlist.language = background_totals.language
    where counts.day_count >= 2 and third_on is not null
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
    group by frequent.language, frequent.key, neighbour_counts.side, frequent.article_count
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
    where is_recent
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

-- Materialized: DuckDB would otherwise join all heads with all tails of a language first.
parts_with_heads as materialized (
    select
        parts.*,
        text_counts.n as head_count
    from parts
    inner join text_counts on parts.language = text_counts.language and parts.part.head = text_counts.text
),

-- The lowest normalised pointwise mutual information over all splits of a sequence into two parts
-- (Bouma 2009).
cohesions as (
    select
        parts.language,
        parts.key,
        min(
            ln(parts.article_count * parts.window_count / (parts.head_count * tails.n)::double)
            / -ln(parts.article_count / parts.window_count::double)
        ) as cohesion
    from parts_with_heads as parts
    inner join text_counts as tails on parts.language = tails.language and parts.part.tail = tails.text
    where parts.article_count < parts.window_count
    group by parts.language, parts.key
)

select
    frequent.* exclude (first_days),
    entropies.entropy,
    cohesions.cohesion
from frequent
inner join entropies using (language, key)
left join cohesions using (language, key)
