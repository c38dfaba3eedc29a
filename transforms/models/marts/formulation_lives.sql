-- One row per formulation that was ever used: first use, peak, fading, spread over outlets, and its
-- tier in the last month.
{{ config(unique_key='theme_id') }}

with tiers as (
    select
        theme_id,
        arg_max(tier, month_start_on) as tier
    from {{ ref('formulation_tiers_monthly') }}
    group by theme_id
)

select
    lives.*,
    tiers.tier
from {{ ref('int_formulation_lives') }} as lives
left join tiers on lives.theme_id = tiers.theme_id
