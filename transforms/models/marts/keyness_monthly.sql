-- One row per month, outlet and phrase used in the outlet's language that month: how much more the outlet uses the phrase than
-- the other outlets do.
--
-- The corpus consists of mentions of the word list. The prior is the distribution of phrases over all outlets of the language
-- in that month, scaled to 100 mentions. It keeps phrases with one or two mentions from ranking first.
{{ config(
    unique_key=['month_start_on', 'publisher_id', 'phrase_id'],
    scope='int_changed_days',
    scope_on='month_start_on',
    order_by='month_start_on, publisher_id, phrase_id'
) }}

{% set prior = 100 %}

with phrase_days as (
    select * from {{ ref('int_phrase_outlet_days') }}
),

changed as (
    select distinct month_start_on from {{ ref('int_changed_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
),

used as (
    select
        changed.month_start_on,
        phrase_days.publisher_id,
        lower(regexp_extract(phrases.language, '^[^-_]+')) as language,
        phrases.phrase_id,
        phrases.theme_id,
        phrases.phrase,
        sum(phrase_days.mention_count) as hits
    from phrase_days
    inner join changed on date_trunc('month', phrase_days.published_on)::date = changed.month_start_on
    inner join phrases on phrase_days.phrase_id = phrases.phrase_id
    -- The explicit bounds let the lake skip files. The join alone does not.
    where
        phrase_days.published_on >= (select min(earliest.month_start_on) from changed as earliest)
        and phrase_days.published_on <= (select last_day(max(latest.month_start_on)) from changed as latest)
    group by all
),

outlets as (
    select
        month_start_on,
        language,
        publisher_id,
        sum(hits) as outlet_hits
    from used
    group by month_start_on, language, publisher_id
),

terms as (
    select
        month_start_on,
        language,
        phrase_id,
        theme_id,
        phrase,
        sum(hits) as term_hits
    from used
    group by month_start_on, language, phrase_id, theme_id, phrase
),

languages as (
    select
        month_start_on,
        language,
        sum(outlet_hits) as language_hits
    from outlets
    group by month_start_on, language
    -- A comparison needs at least two outlets.
    having count(*) > 1
),

grid as (
    select
        outlets.month_start_on,
        outlets.publisher_id,
        outlets.language,
        terms.phrase_id,
        terms.theme_id,
        terms.phrase,
        coalesce(used.hits, 0)::double as y1,
        outlets.outlet_hits::double as n1,
        (terms.term_hits - coalesce(used.hits, 0))::double as y2,
        (languages.language_hits - outlets.outlet_hits)::double as n2,
        {{ prior }} * terms.term_hits / languages.language_hits::double as a
    from outlets
    inner join languages
        on outlets.month_start_on = languages.month_start_on and outlets.language = languages.language
    inner join terms on outlets.month_start_on = terms.month_start_on and outlets.language = terms.language
    left join used
        on
            outlets.month_start_on = used.month_start_on
            and outlets.publisher_id = used.publisher_id
            and terms.phrase_id = used.phrase_id
    where terms.term_hits < languages.language_hits
),

final as (
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
        {{ log_odds('y1', 'n1', 'y2', 'n2', 'a', prior) }} as log_odds,
        {{ log_odds_z('y1', 'n1', 'y2', 'n2', 'a', prior) }} as z
    from grid
)

select
    month_start_on,
    publisher_id,
    language,
    phrase_id,
    theme_id,
    term,
    mention_count,
    outlet_mention_count,
    other_mention_count,
    other_outlets_mention_count,
    log_odds,
    z
from final
