-- One row per language and sequence that is more frequent in the period up to the run time than in the year before. A sequence
-- needs two articles with policy evidence. Each language keeps the 1,000 sequences with the most points.
--
-- Rise: the log-odds ratio of the articles with the sequence, with an informative Dirichlet prior of 500 articles (Monroe,
-- Colaresi and Quinn 2008, Fightin' Words, Political Analysis 16(4)).
{{ config(materialized='table', database='memory') }}

{% set prior = 500 %}

with periods as (
    select * from {{ ref('int_candidate_periods') }}
),

sequences as (
    select
        found.*,
        found.published_on > periods.before_on as is_recent
    from {{ ref('int_candidate_sequences') }} as found
    inner join periods on found.language = periods.language
    where found.published_on <= {{ candidates_until() }} and found.published_on > {{ candidates_earliest() }}
),

articles as (
    select
        periods.language,
        stg_articles.published_on > periods.before_on as is_recent
    from {{ ref('stg_articles') }} as stg_articles
    inner join periods on lower(regexp_extract(stg_articles.language, '^[^-_]+')) = periods.language
    where
        stg_articles.excluded_reason is null
        and stg_articles.published_on <= {{ candidates_until() }}
        and stg_articles.published_on > {{ candidates_earliest() }}
),

totals as (
    select
        language,
        count(*) filter (where is_recent) as window_count,
        count(*) filter (where not is_recent) as prior_total
    from articles
    group by language
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
        totals.window_count,
        totals.prior_total,
        {{ prior }} * (recent.policy_count + history.prior_count) / (totals.window_count + totals.prior_total)::double as alpha
    from recent
    inner join history on recent.language = history.language and recent.key = history.key
    inner join totals on recent.language = totals.language
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
    where z >= 0.3 and may_be_candidate(key, language)
    qualify row_number() over (partition by language order by {{ candidate_points('policy_count') }} desc, key) <= 1000
),

names as (
    select
        found.language,
        found.key,
        found.key as phrase,
        totals.window_count,
        totals.prior_total
    from {{ ref('int_candidate_names') }} as found
    inner join totals on found.language = totals.language
    anti join slogans on found.language = slogans.language and found.key = slogans.key
),

candidates as (
    select *, 'slogan' as kind from slogans
    union all by name
    select *, 'name' as kind from names
),

-- Phrases of the word list that contain a candidate: a candidate that occurs mostly within one of them is not new.
listed as (
    select distinct
        lower(regexp_extract(phrases.language, '^[^-_]+')) as language,
        regexp_replace(lower(rtrim(phrases.phrase, '*')), '[-''’]', ' ', 'g') as key
    from {{ source('ref', 'theme_phrases') }} as phrases
    where phrases.role = 'include'
)

select
    language,
    key,
    phrase,
    kind,
    coalesce(policy_count, 0) as policy_count,
    coalesce(verb_count, 0) as verb_count,
    coalesce(head_noun_count, 0) as head_noun_count,
    coalesce(quote_count, 0) as quote_count,
    coalesce(verb_word_count, 0) as verb_word_count,
    prior_count,
    first_seen_on,
    window_count,
    prior_total,
    z
from candidates
union all by name
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
