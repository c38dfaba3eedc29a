-- One row per day whose articles are grouped by event again: one of them changed, or the background
-- of one of their words.
{{ config(materialized='table', database='memory') }}

with words as (
    select
        event_day_on,
        language,
        -- Term 0 is the number of all articles, so it belongs to every article.
        unnest(list_distinct(list_transform(list_concat(terms, marks, [0]), lambda cell: (cell >> 3) << 3))) as term
    from {{ source('annotations', 'terms') }}
    where {{ seen_bounds(ref('int_changed_event_words'), 'event_day_on', 'first_on', 'last_on') }}
)

select
    event_day_on,
    month_start_on
from {{ ref('int_event_days') }}
union
select
    words.event_day_on,
    date_trunc('month', words.event_day_on)::date as month_start_on
from words
inner join {{ ref('int_changed_event_words') }} as changed_words
    on
        words.language = changed_words.language
        and words.term = changed_words.term
        and words.event_day_on between changed_words.first_on and changed_words.last_on
