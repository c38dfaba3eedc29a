-- One row per month that is over, language and term or mark that occurs in more than one article:
-- the background of later months. Term 0 has the number of all articles. Counts are rounded down to
-- 1, 2, 3, 4, 6, 8, 12 and so on, so that a late article changes the background of few later days.
{{ config(
    unique_key=['month_start_on', 'language', 'term'],
    scope='int_event_months',
    scope_on='month_start_on',
    scope_bounds='month_start_on'
) }}

with event_terms as (
    select
        months.month_start_on,
        event_terms.language,
        event_terms.terms,
        event_terms.marks
    from {{ source('annotations', 'terms') }} as event_terms
    inner join {{ ref('int_event_months') }} as months
        on date_trunc('month', event_terms.event_day_on)::date = months.month_start_on
    where
        event_terms.event_day_on >= coalesce(
            (select min(first_months.month_start_on) from {{ ref('int_event_months') }} as first_months), event_terms.event_day_on
        )
),

cells as (
    select
        month_start_on,
        language,
        unnest(list_concat(terms, marks)) as cell
    from event_terms
),

-- The lowest three bits of a term are flags; the second states that it is in lower case.
counts as (
    select
        month_start_on,
        language,
        (cell >> 3) << 3 as term,
        count(*)::integer as article_count,
        count(*) filter (where (cell & 2) > 0)::integer as lower_count
    from cells
    group by all
    having count(*) > 1
)

select
    month_start_on,
    language,
    term::uinteger as term,
    {{ rounded_count('article_count') }} as article_count,
    {{ rounded_count('lower_count') }} as lower_count
from counts
union all
select month_start_on, language, 0::uinteger as term, {{ rounded_count('count(*)') }} as article_count, 0 as lower_count
from event_terms
group by all
