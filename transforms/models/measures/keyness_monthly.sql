{{ config(
    unique_key=['month_start_on', 'publisher_id', 'phrase_id'],
    meta={'changed': 'month_start_on', 'period': 'month'}
) }}

with phrase_uses as (
    select
        date_trunc('month', published_on)::date as month_start_on,
        publisher_id as owner,
        primary_language(language) as language,
        phrase_id, theme_id, phrase,
        sum(mention_count) as hits
    from {{ ref('int_phrase_outlet_days') }} as phrase_days
    inner join {{ source('ref', 'theme_phrases') }} as phrases using (phrase_id)
    where {{ is_changed('phrase_days.published_on', 'month') }}
    group by all
)

select
    month_start_on,
    owner as publisher_id,
    language, phrase_id, theme_id,
    phrase as term,
    y1::bigint as mention_count,
    n1::bigint as outlet_mention_count,
    y2::bigint as other_mention_count,
    n2::bigint as other_outlets_mention_count,
    log_odds, z
from keyness('phrase_uses')
