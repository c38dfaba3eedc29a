{{ config(unique_key=['series', 'series_id', 'start_on']) }}

-- noqa: disable=PRS
-- The linter cannot parse a lambda with two parameters.
with phrase_uses as (
    select
        phrase_id, published_on,
        sum(article_count)::bigint as hits
    from {{ ref('int_phrase_outlet_days') }}
    group by all
),

language_days as (
    select
        coalesce(primary_language(language), 'unknown') as language,
        published_on,
        count(*) as article_count
    from {{ source('core', 'articles') }}
    semi join {{ ref('outlet_daily') }} using (publisher_id, published_on)
    where excluded_reason is null
    group by all
),

-- Every day of the phrase's language is a batch, including days without the phrase.
phrase_batches as (
    select
        phrase_id,
        published_on as batch_on,
        coalesce(hits, 0) as hits,
        greatest(article_count, coalesce(hits, 0)) as total
    from {{ source('ref', 'theme_phrases') }} as phrases
    semi join phrase_uses as used using (phrase_id)
    inner join language_days as days
        on primary_language(phrases.language) = days.language
    left join phrase_uses as uses using (phrase_id, published_on)
    where salience is null
),

-- A day without coverage is not a batch, because its count is unknown.
counts as (
    select
        { 'kind': 'theme', 'id': theme_id } as series,
        published_on as batch_on,
        article_count as hits,
        total_count as total
    from {{ ref('theme_daily') }}
    where covered_days > 0
    union all
    select
        { 'kind': 'phrase', 'id': phrase_id } as series,
        batch_on, hits, total
    from phrase_batches
),

-- A burst is a run of days in state 1. Most series have none.
batches as (
    from kleinberg_bursts('counts')
    qualify bool_or(is_burst) over (partition by series)
),

runs as (
    select
        batches.*,
        row_number() over series - row_number() over states as run_id,
        max(batch_on) over (partition by series) as last_on
    from batches
    window
        series as (partition by series order by batch_on),
        states as (
            partition by series, is_burst
            order by batch_on
        )
)

select
    series.kind as series,
    series.id as series_id,
    min(batch_on) as start_on,
    max(batch_on) as end_on,
    round(sum(gain), 9) as strength,
    sum(hits)::bigint as article_count,
    sum(total)::bigint as total_count,
    max(batch_on) = max(last_on) as is_running
from runs
where is_burst
group by series, run_id
