-- Themes with bursts by what theme_daily holds, where the table of bursts is empty: it may be, but only where no theme has one.
-- depends_on: {{ ref('int_last_run_snapshots') }}
{{ config(tags=['volume']) }}

{% set held = 1 %}
{% if execute %}
    {% set held = run_query('select count(*) from (select 1 from lake.marts.bursts limit 1)').rows[0][0] %}
{% endif %}
{% if held %}
{{ nothing_missing() }}
{% else %}
with counts as (
    select
        theme_id,
        published_on as batch_on,
        article_count as hits,
        total_count as total
    from lake.marts.theme_daily
    where covered_days > 0
),

batches as (
    {{ kleinberg_bursts('counts', ['theme_id']) }}
)

select
    'marts.bursts' as table_name,
    theme_id,
    min(batch_on) as first_on,
    0 as after_count
from batches
where is_burst
group by theme_id
{% endif %}
