-- One row per month, outlet and phrase used in the outlet's language that month: how much more the
-- outlet uses the phrase than the other outlets do.
--
-- The corpus consists of mentions of the word list. The macro `keyness` documents the comparison.
{{ config(
    unique_key=['month_start_on', 'publisher_id', 'phrase_id'],
    scope='int_changed_days',
    scope_on='month_start_on'
) }}

with changed_days as (
    select distinct month_start_on from {{ ref('int_changed_days') }}
),

phrase_uses as (
    select
        changed_days.month_start_on,
        phrase_days.publisher_id,
        {{ primary_language('phrases.language') }} as language,
        phrases.phrase_id,
        phrases.theme_id,
        phrases.phrase,
        sum(phrase_days.mention_count) as hits
    from {{ ref('int_phrase_outlet_days') }} as phrase_days
    inner join changed_days
        on date_trunc('month', phrase_days.published_on)::date = changed_days.month_start_on
    inner join {{ source('ref', 'theme_phrases') }} as phrases
        on phrase_days.phrase_id = phrases.phrase_id
    -- The explicit bounds let the lake skip files. The join alone does not.
    where
        phrase_days.published_on
        >= (select min(earliest.month_start_on) from changed_days as earliest)
        and phrase_days.published_on
        <= (select last_day(max(latest.month_start_on)) from changed_days as latest)
    group by all
),

compared as (
    {{ keyness('phrase_uses', 'publisher_id', is_dense=true) | indent(4) }}
)

select
    month_start_on,
    publisher_id,
    language,
    phrase_id,
    theme_id,
    phrase as term,
    y1::bigint as mention_count,
    n1::bigint as outlet_mention_count,
    y2::bigint as other_mention_count,
    n2::bigint as other_outlets_mention_count,
    log_odds,
    z
from compared
