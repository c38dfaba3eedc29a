-- One row per month, speaker, language and phrase used in the speaker's statements that month: how much more the speaker uses
-- the phrase than the other speakers do.
--
-- The corpus consists of mentions of the word list within statements. The macro `keyness` documents the comparison.
{{ config(
    unique_key=['month_start_on', 'person_id', 'language', 'phrase_id'],
    order_by='month_start_on, person_id, language, phrase_id'
) }}

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

phrase_uses as (
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

compared as (
    {{ keyness('phrase_uses', 'person_id', is_dense=false) | indent(4) }}
)

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
    log_odds,
    z
from compared
