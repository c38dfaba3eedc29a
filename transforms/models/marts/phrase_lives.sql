-- One row per phrase that was ever used: first use, peak, fading and spread over outlets. General
-- words have no row, because they count only in articles about their theme.
{{ config(unique_key='phrase_id') }}

with phrase_days as not materialized (
    select * from {{ ref('int_phrase_outlet_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
    where salience is null
),

adoptions as (
    select * from {{ ref('phrase_adoptions') }}
)

select
    phrase_lives.phrase_id,
    phrases.theme_id,
    phrases.language,
    phrases.phrase,
    phrase_lives.* exclude (phrase_id)
from life_rows('phrase_days', 'adoptions') as phrase_lives
inner join phrases on phrase_lives.phrase_id = phrases.phrase_id
