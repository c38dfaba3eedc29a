-- One row per day, with the fingerprint from which the theme tables were last built.
--
-- This model runs after all theme tables. After an interrupted run, the next run therefore builds the same days again.
-- depends_on: {{ ref('theme_outlet_daily') }}
-- depends_on: {{ ref('theme_daily') }}
-- depends_on: {{ ref('theme_weekly') }}
-- depends_on: {{ ref('theme_monthly') }}
-- depends_on: {{ ref('theme_index_monthly') }}
-- depends_on: {{ ref('bursts') }}
-- depends_on: {{ ref('phrase_lives') }}
-- depends_on: {{ ref('theme_pairs_monthly') }}
-- depends_on: {{ ref('keyness_monthly') }}
-- depends_on: {{ ref('concentration_monthly') }}
-- depends_on: {{ ref('lead_lags') }}
-- depends_on: {{ ref('stories') }}
-- depends_on: {{ ref('lexicon_changes') }}
{{ config(unique_key='published_on', order_by='published_on') }}

with day_keys as (
    select * from {{ ref('int_day_keys') }}
)

select
    published_on,
    day_key
from day_keys
