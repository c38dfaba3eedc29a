-- One row per theme, language and prediction of the word list (about, mentioned, absent): the share
-- of the coded articles that are about the theme. weight² / squares is Kish's effective number of
-- articles.
{{ config(
    unique_key=['theme_id', 'language', 'prediction'],
    scope='int_themes_to_measure',
    scope_on='theme_id'
) }}

select
    theme_id,
    language,
    prediction,
    -- Rounded: sums in another order must not make a row differ.
    round(power(coded_weight, 2) / coded_squares, 6) as coded_count,
    round(least(true_weight / coded_weight, 1), 9) as true_share
from {{ ref('int_coding_counts') }}
where measure = 'about' and period = 'all' and language != 'all' and coded_count > 0
