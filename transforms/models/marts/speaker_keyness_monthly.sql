-- One row per month, speaker, language and phrase used in the speaker's statements that month: how much more the speaker uses
-- the phrase than the other speakers do.
--
-- The corpus consists of mentions of the word list within statements. The prior is the distribution of phrases over all
-- speakers of the language in that month, scaled to 100 mentions.
{{ config(
    unique_key=['month_start_on', 'person_id', 'language', 'phrase_id'],
    order_by='month_start_on, person_id, language, phrase_id'
) }}

{% set prior = 100 %}

with statements as (
    select * from {{ ref('statements') }}
    where published_on is not null
),

mentions as (
    select * from {{ ref('theme_mentions') }}
    where field = 'body_text'
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
),

used as (
    select
        date_trunc('month', statements.published_on)::date as month_start_on,
        lower(regexp_extract(statements.language, '^[^-_]+')) as language,
        statements.person_id,
        mentions.phrase_id,
        mentions.theme_id,
        phrases.phrase,
        count(*) as hits
    from statements
    inner join mentions
        on
            statements.article_id = mentions.article_id
            and mentions.start_offset >= statements.start_offset
            and mentions.end_offset <= statements.end_offset
    inner join phrases on mentions.phrase_id = phrases.phrase_id
    group by all
),

speakers as (
    select
        month_start_on,
        language,
        person_id,
        sum(hits) as speaker_hits
    from used
    group by month_start_on, language, person_id
),

terms as (
    select
        month_start_on,
        language,
        phrase_id,
        sum(hits) as term_hits
    from used
    group by month_start_on, language, phrase_id
),

languages as (
    select
        month_start_on,
        language,
        sum(speaker_hits) as language_hits
    from speakers
    group by month_start_on, language
    -- A comparison needs at least two speakers.
    having count(*) > 1
),

compared as (
    select
        used.month_start_on,
        used.language,
        used.person_id,
        used.phrase_id,
        used.theme_id,
        used.phrase,
        used.hits::double as y1,
        speakers.speaker_hits::double as n1,
        (terms.term_hits - used.hits)::double as y2,
        (languages.language_hits - speakers.speaker_hits)::double as n2,
        {{ prior }} * terms.term_hits / languages.language_hits::double as a
    from used
    inner join languages on used.month_start_on = languages.month_start_on and used.language = languages.language
    inner join speakers
        on
            used.month_start_on = speakers.month_start_on
            and used.language = speakers.language
            and used.person_id = speakers.person_id
    inner join terms
        on
            used.month_start_on = terms.month_start_on
            and used.language = terms.language
            and used.phrase_id = terms.phrase_id
    where terms.term_hits < languages.language_hits
),

final as (
    select
        month_start_on,
        person_id,
        language,
        phrase_id,
        theme_id,
        phrase as term,
        y1::bigint as mention_count,
        n1::bigint as speaker_mention_count,
        y2::bigint as other_mention_count,
        n2::bigint as other_speakers_mention_count,
        {{ log_odds('y1', 'n1', 'y2', 'n2', 'a', prior) }} as log_odds,
        {{ log_odds_z('y1', 'n1', 'y2', 'n2', 'a', prior) }} as z
    from compared
)

select
    month_start_on,
    person_id,
    language,
    phrase_id,
    theme_id,
    term,
    mention_count,
    speaker_mention_count,
    other_mention_count,
    other_speakers_mention_count,
    log_odds,
    z
from final
