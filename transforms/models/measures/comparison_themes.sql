{{ config(unique_key=['series_id', 'period', 'period_start_on']) }}

with themes as (
    {% for period in ['week', 'month'] %}
        select
            theme_id,
            '{{ period }}' as period,
            {{ period }}_start_on as period_start_on,
            case when is_complete then about_share end as theme_share
        from {{ ref('theme_' ~ period ~ 'ly') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

paired as (
    select
        series_id, period, period_start_on, theme_id, theme_share, value as comparison_value,
        if(theme_share is null or value is null, null, period_start_on) as common_on
    from themes
    inner join (select series_id, theme_id from {{ source('ref', 'comparison_series') }})
        using (theme_id)
    left join {{ ref('comparison_periods') }} using (series_id, period, period_start_on)
    window own as (partition by series_id, period)
    qualify period_start_on between min(common_on) over own and max(common_on) over own
)

select
    * exclude (common_on),
    round(100 * theme_share / nullif(avg(theme_share) over own, 0), 10) as theme_index,
    round(100 * comparison_value / nullif(avg(comparison_value) over own, 0), 10)
        as comparison_index
from paired
window own as (partition by series_id, period)
