-- General words, which count only in articles about their theme, have none.
{{ config(unique_key=['phrase_id', 'publisher_id']) }}

with phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
    where salience is null
),

phrase_days as (
    select all_days.*
    from {{ ref('int_phrase_outlet_days') }} as all_days
    semi join phrases using (phrase_id)
),

outlet_daily as (
    select * from {{ ref('outlet_daily') }}
)

select * from first_uses('phrase_days', 'outlet_daily')
