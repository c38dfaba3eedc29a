-- One row per burst of a theme or a phrase: days on which it was used at twice its usual rate, by Kleinberg's cheapest path.
{{ config(
    unique_key=['series', 'series_id', 'start_on'],
    order_by='series, series_id, start_on'
) }}

{% set strides = burst_strides(ref('theme_daily')) %}

with theme_daily as (
    select * from {{ ref('theme_daily') }}
),

phrase_days as (
    select * from {{ ref('int_phrase_outlet_days') }}
),

language_days as (
    select * from {{ ref('int_language_days') }}
),

phrases as (
    select * from {{ source('ref', 'theme_phrases') }}
),

used as (
    select
        phrase_id,
        published_on,
        sum(article_count)::bigint as hits
    from phrase_days
    group by phrase_id, published_on
),

-- Every day of the phrase's language is a batch, those without it too.
phrase_batches as (
    select
        phrases.phrase_id,
        language_days.published_on as batch_on,
        coalesce(days_used.hits, 0) as hits,
        greatest(language_days.article_count, coalesce(days_used.hits, 0)) as total
    from phrases
    semi join (select distinct phrase_id from used) as ever on phrases.phrase_id = ever.phrase_id
    inner join language_days on lower(regexp_extract(phrases.language, '^[^-_]+')) = language_days.language
    left join used as days_used on phrases.phrase_id = days_used.phrase_id and language_days.published_on = days_used.published_on
),

-- A day that no outlet covered is no batch: unknown, not silent.
counts as (
    select
        'theme' as series,
        theme_id as series_id,
        published_on as batch_on,
        article_count as hits,
        total_count as total
    from theme_daily
    where covered_days > 0
    union all
    select
        'phrase' as series,
        phrase_id as series_id,
        batch_on,
        hits,
        total
    from phrase_batches
),

stretches as (
    {{ kleinberg_stretches('counts', ['series', 'series_id'], strides=strides) | indent(4) }}
),

runs as (
    select
        *,
        row_number() over (partition by series, series_id order by start_on)
        - row_number() over (partition by series, series_id, is_burst order by start_on) as run_id,
        max(end_on) over (partition by series, series_id) as last_on
    from stretches
),

final as (
    select
        series,
        series_id,
        min(start_on) as start_on,
        max(end_on) as end_on,
        round(sum(gain), 9) as strength,
        sum(hits)::bigint as article_count,
        sum(total)::bigint as total_count,
        max(end_on) = max(last_on) as is_running
    from runs
    where is_burst
    group by series, series_id, run_id
)

select
    series,
    series_id,
    start_on,
    end_on,
    strength,
    article_count,
    total_count,
    is_running
from final
