-- A phrase with a documented use more than 84 days before its first article is new only here.
{{ config(unique_key='phrase_id') }}

select
    phrase_id, theme_id, language, phrase,
    phrase_lives.* exclude (phrase_id),
    first_used_on as documented_on,
    case
        when first_used_on < phrase_lives.first_seen_on - 84 then 'here'
        when
            phrase_lives.first_seen_is_certain
            or (
                is_coined
                and first_uses.source is not null
                and first_used_on <= phrase_lives.first_seen_on + 1
            )
            then 'certain'
        when phrase_lives.observed_day_count >= 365 and missed_risk <= 0.01
            then 'probable'
        else 'here'
    end as novelty
from
    life_rows('{{ ref('int_phrase_outlet_days') }}', '{{ ref('phrase_adoptions') }}')
        as phrase_lives
inner join {{ source('ref', 'theme_phrases') }} as phrases using (phrase_id)
inner join {{ ref('phrase_adoptions') }} as adoptions
    on phrases.phrase_id = adoptions.phrase_id and first_publisher_id = publisher_id
left join {{ source('ref', 'first_uses') }} as first_uses using (phrase, language)
