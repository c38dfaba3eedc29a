-- One row per language and word or mark whose count in a past month changed, with the days whose
-- background it belongs to.
{{ config(materialized='table', database='memory') }}

select
    language,
    term,
    (min(month_start_on) + interval 1 month)::date as first_on,
    (max(month_start_on) + interval {{ background_months() }} month + interval 1 month)::date - 1 as last_on
from ({{ changes_of(ref('int_event_words'), 'month_start_on, language, term') }}) as changed
group by language, term
