{{ config(unique_key=['series_id', 'period']) }}

with paired as (
    select
        { 'series_id': series_id, 'theme_id': theme_id, 'period': period } as series,
        period_start_on as start_on,
        theme_share as a,
        comparison_value as b
    from {{ ref('comparison_themes') }}
)

select
    series.*,
    * exclude (series)
from agreement('paired')
