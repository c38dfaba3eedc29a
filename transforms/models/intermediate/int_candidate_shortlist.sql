-- One row per language and sequence that is at least as frequent in the period up to the run time
-- as in the year before. A sequence needs two articles with policy evidence. Each language keeps
-- the 1,000 sequences with the most points.
--
-- Rise: the log-odds ratio of the articles with the sequence, with an informative Dirichlet prior
-- of 500 articles (Monroe, Colaresi and Quinn 2008, Fightin' Words, Political Analysis 16(4)).
{{ config(materialized='table', database='memory') }}

{% set prior = 500 %}

with sequences as (
    select
        found.*,
        found.published_on > periods.before_on as is_recent
    from {{ source('annotations', 'sequences') }} as found
    inner join {{ ref('int_candidate_periods') }} as periods on found.language = periods.language
    where found.published_on <= {{ candidates_until() }} and found.published_on > {{ candidates_earliest() }}
),

recent as (
    select
        language,
        key,
        mode(phrase order by phrase) as phrase,
        count(*) as policy_count,
        count(*) filter (where len(verbs) > 0) as verb_count,
        count(*) filter (where is_headed) as head_noun_count,
        count(*) filter (where is_quoted) as quote_count,
        len(list_distinct(flatten(list(verbs)))) as verb_word_count
    from sequences
    where is_recent
    group by language, key
    having count(*) >= 2
),

history as (
    select
        sequences.language,
        sequences.key,
        count(*) filter (where not sequences.is_recent) as prior_count,
        min(sequences.published_on) as first_seen_on
    from sequences
    semi join recent on sequences.language = recent.language and sequences.key = recent.key
    group by sequences.language, sequences.key
),

odds as (
    select
        recent.*,
        history.prior_count,
        history.first_seen_on,
        periods.window_count,
        periods.prior_total,
        {{ prior }} * (recent.policy_count + history.prior_count) / (periods.window_count + periods.prior_total)::double as alpha
    from recent
    inner join history on recent.language = history.language and recent.key = history.key
    inner join {{ ref('int_candidate_periods') }} as periods on recent.language = periods.language
),

rising as (
    select
        *,
        {{ log_odds_z('policy_count', 'window_count', 'prior_count', 'prior_total', 'alpha', prior) }} as z
    from odds
    -- A sequence that occurs in every article cannot rise, and its log-odds are undefined.
    where policy_count + prior_count < window_count + prior_total
),

slogans as (
    select *
    from rising
    where z >= 0 and may_be_candidate(key, language)
    qualify row_number() over (partition by language order by {{ evidence_points('policy_count') }} desc, key) <= 1000
),

names as (
    select found.*
    from {{ ref('int_candidate_names') }} as found
    anti join slogans on found.language = slogans.language and found.key = slogans.key
),

-- Phrases of the word list that contain a candidate: a candidate that occurs mostly within one of
-- them is not new.
listed as (
    select distinct
        {{ primary_language('language') }} as language,
        regexp_replace(lower(rtrim(phrase, '*')), '[-''’]', ' ', 'g') as key
    from {{ source('ref', 'theme_phrases') }}
    where role = 'include'
),

candidates as (
    select
        language,
        key,
        'slogan' as kind
    from slogans
    union all
    select
        language,
        key,
        'name' as kind
    from names
),

kinds as (
    select
        language,
        key,
        kind
    from candidates
    union all
    select
        listed.language,
        listed.key,
        'listed' as kind
    from listed
    semi join candidates
        on
            listed.language = candidates.language
            and contains(listed.key, candidates.key)
            and listed.key != candidates.key
)

select
    kinds.language,
    kinds.key,
    kinds.kind,
    periods.window_count,
    periods.prior_total,
    slogans.prior_count,
    slogans.first_seen_on,
    slogans.z,
    coalesce(slogans.phrase, names.phrase, kinds.key) as phrase,
    coalesce(slogans.policy_count, 0) as policy_count,
    coalesce(slogans.verb_count, 0) as verb_count,
    coalesce(slogans.head_noun_count, 0) as head_noun_count,
    coalesce(slogans.quote_count, 0) as quote_count,
    coalesce(slogans.verb_word_count, 0) as verb_word_count
from kinds
inner join {{ ref('int_candidate_periods') }} as periods on kinds.language = periods.language
left join slogans on kinds.language = slogans.language and kinds.key = slogans.key and kinds.kind = 'slogan'
left join names on kinds.language = names.language and kinds.key = names.key and kinds.kind = 'name'
