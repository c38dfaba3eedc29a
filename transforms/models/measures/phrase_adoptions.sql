-- General words, which count only in articles about their theme, have none unless a document coined
-- them.
{{ config(unique_key=['phrase_id', 'publisher_id']) }}

with phrase_days as (
    select all_days.*
    from {{ ref('int_phrase_outlet_days') }} as all_days
    inner join {{ source('ref', 'theme_phrases') }} using (phrase_id)
    left join {{ source('ref', 'first_uses') }} using (phrase, language)
    where salience is null or is_coined
)

from first_uses('phrase_days', '{{ ref('outlet_daily') }}')
