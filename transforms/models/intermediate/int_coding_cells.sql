-- One row per theme, language and prediction with coded texts: the effective numbers of coded texts
-- by what their coders decided (the function `coding_cells`).
{{ config(unique_key=['theme_id', 'language', 'prediction']) }}

with coded as (
    select
        *,
        theme_id as series
    from {{ ref('int_coded_themes') }}
)

-- Rounded: sums in another order must not make a row differ.
select
    series as theme_id,
    language,
    prediction,
    round(columns(c -> c like '%_count'), 6)
from coding_cells('coded')
