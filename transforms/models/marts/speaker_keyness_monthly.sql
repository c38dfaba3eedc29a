-- One row per month, speaker, language and phrase used in the speaker's statements that month: how
-- much more the speaker uses the phrase than the other speakers do.
--
-- The corpus consists of mentions of the word list within statements of persons and bodies.
-- Statements of other kinds are left out, because they have many speakers. The function `keyness`
-- documents the comparison.
{{ config(unique_key=['month_start_on', 'speaker', 'language', 'phrase_id']) }}

with statements as (
    select * from {{ ref('int_statement_speakers') }}
    -- a body without a name is another one in each article
    where speaker_kind in ('person', 'body') and speaker != speaker_kind
),

mentions as (
    select * from {{ ref('theme_mentions') }}
    where field = 'body_text'
),

speakers as (
    select
        speaker,
        min(speaker_name) as speaker_name,
        min(speaker_kind) as speaker_kind,
        min(person_id) as person_id
    from statements
    group by speaker
),

phrase_uses as (
    select
        statements.month_start_on,
        statements.language,
        statements.speaker as owner,
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
    inner join {{ source('ref', 'theme_phrases') }} as phrases
        on mentions.phrase_id = phrases.phrase_id
    group by all
)

select
    compared.month_start_on,
    compared.owner as speaker,
    speakers.speaker_name,
    speakers.speaker_kind,
    speakers.person_id,
    compared.language,
    compared.phrase_id,
    compared.theme_id,
    compared.phrase as term,
    compared.y1::bigint as mention_count,
    compared.n1::bigint as speaker_mention_count,
    compared.y2::bigint as other_mention_count,
    compared.n2::bigint as other_speakers_mention_count,
    compared.log_odds,
    compared.z
from keyness('phrase_uses', is_dense := false) as compared
inner join speakers on compared.owner = speakers.speaker
