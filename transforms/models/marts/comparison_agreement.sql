-- One row per comparison series with a theme and period (week, month): how well the series agrees
-- with the theme's share.
{{ config(unique_key=['series_id', 'period']) }}

with paired as (
    select
        series_id,
        theme_id,
        period,
        period_start_on as start_on,
        theme_share as a,
        comparison_value as b
    from {{ ref('comparison_themes') }}
),

agreement as (
    {{ agreement('paired', ['series_id', 'theme_id', 'period']) | indent(4) }}
)

select * from agreement
