{{ config(unique_key=['series_id', 'period', 'period_start_on']) }}

with placed as (
    select
        points.*,
        unit,
        series.period as own_period,
        grids.period,
        date_trunc(grids.period, start_on)::date as period_start_on
    from {{ source('ref', 'comparison_points') }} as points
    inner join {{ source('ref', 'comparison_series') }} as series using (series_id)
    inner join (select unnest(['day', 'week', 'month']) as period) as grids
        on series.period in ('day', grids.period)
),

-- A week or month counts only if all its days are known: otherwise it is a gap.
complete as (
    select
        series_id, period, period_start_on,
        sum(article_count)::bigint as article_count,
        sum(total_count)::bigint as total_count,
        round(
            case
                when unit = 'count' then sum(value)
                else coalesce(
                    sum(article_count) / nullif(sum(total_count), 0)::double, avg(value)
                )
            end, 12
        ) as value
    from placed
    group by series_id, period, period_start_on, unit, own_period
    having
        count(*) = case
            when own_period = period then 1 when period = 'week' then 7 else
                day(last_day(period_start_on))
        end
),

starts as (
    select
        series_id, period,
        unnest(
            generate_series(
                min(period_start_on)::timestamp,
                max(period_start_on)::timestamp,
                ('1 ' || period)::interval
            )
        )::date as period_start_on
    from complete
    group by series_id, period
)

select series_id, period, period_start_on, article_count, total_count, value
from starts
left join complete using (series_id, period, period_start_on)
