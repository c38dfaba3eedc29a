-- docs/method.md states the rules, and how many breaks real data have.
{{ config(unique_key=['publisher_id', 'kind', 'first_on'], meta={'order_by': 'first_on'}) }}

with articles as (
    select
        *,
        regexp_replace(url, '^https?(://[^/]+)|[^/.?]+', '\1a', 'g') as url_form,
        coalesce(primary_language(language), 'unknown') as main_language,
        coalesce(section, regexp_extract(url, '^https?://[^/]+/(\pL[\pL_-]+)/', 1)) as site_section,
        excluded_reason is null as is_counted,
        first_seen_at >= day_start(published_on + 8, coalesce(time_zone, 'UTC')) as is_late,
        -- A form that the outlet did not have in its first 28 days, and for 28 days.
        min(published_on) over (partition by publisher_id, url_form)
        > greatest(
            published_on - 28,
            min(published_on) over (partition by publisher_id) + 27
        ) as is_moved,
        median(word_count) filter (is_counted) over outlet as usual_word_count,
        mode(main_language) filter (is_counted) over outlet as usual_language
    from {{ source('core', 'articles') }}
    left join {{ source('ref', 'publishers') }} using (publisher_id)
    where published_on is not null
    window outlet as (partition by publisher_id)
),

-- The counts of a day, in the order of `measures`.
article_days as (
    select
        publisher_id, published_on,
        [
            count(*) filter (is_counted and 3 * word_count < usual_word_count),
            count(*) filter (is_counted and main_language != usual_language),
            count(*) filter (is_counted and is_late),
            count(*) filter (is_counted and repeated_paragraphs is not null),
            -- A source may state the time of the request as the date.
            count(*) filter (
                is_counted
                and (
                    date_quality = 'first_seen'
                    or published_at > first_seen_at - interval 1 minute
                )
            ),
            count(*) filter (is_counted and extraction_doubt is not null),
            count(*) filter (is_counted and is_moved),
            count(*) filter (excluded_reason = 'republished')
        ] as counts
    from articles
    where usual_language is not null
    group by all
),

-- A day without all of its pages is a gap, but shows which pages fail.
days as (
    select
        outlet_daily.*,
        date_trunc('week', published_on)::date as week_start_on,
        coalesce(counts, list_resize([0], 8, 0)) as counts
    from {{ ref('outlet_daily') }}
    left join article_days using (publisher_id, published_on)
    where is_over and (not is_gap or gap_reason = 'pages_missing')
),

measures as (
    select
        publisher_id, published_on, week_start_on,
        'volume' as measure,
        isodow(published_on) > 5 as stratum,
        article_count as hits,
        1 as total
    from days
    where not is_partial
    union all
    select
        publisher_id, published_on, week_start_on,
        unnest([
            'texts_shorter', 'language_changed', 'late_arrivals', 'paragraphs_repeated',
            'dates_doubtful', 'texts_doubtful', 'moved', 'texts_republished', 'no_articles',
            'pages_failing'
        ]) as measure,
        false as stratum,
        unnest(list_concat(
            counts, [unread_count, greatest(listed_count - obtained_count - unread_count, 0)]
        )) as hits,
        unnest(list_concat(
            list_resize([article_count], 7, article_count),
            [article_count + counts[8], article_count + unread_count, listed_count]
        )) as total
    from days
),

weeks as (
    select
        publisher_id, week_start_on, measure, stratum,
        min(published_on) as first_on,
        max(published_on) as last_on,
        count(*) as day_count,
        sum(hits) as hits,
        sum(total) as total,
        median(hits) as middle,
        (
            sum(hits * hits / nullif(total, 0)) - sum(hits) * sum(hits) / nullif(sum(total), 0)
        ) / nullif(count(*) - 1, 0) as variance
    from measures
    group by all
),

-- Medians of the weeks before. Counts of articles change with the seasons: they are compared with
-- the nearer quartile, and so is the middle day, because a session fills only some days.
past as (
    select
        weeks.*,
        sum(earlier.day_count) as past_day_count,
        sum(earlier.total) as past_total,
        quantile_cont(earlier.hits / nullif(earlier.total, 0), [0.25, 0.5, 0.75]) as usual_rates,
        quantile_cont(earlier.middle, [0.25, 0.75]) as usual_middles,
        median(earlier.variance) as usual_variance
    from weeks
    inner join weeks as earlier using (publisher_id, measure, stratum)
    where earlier.week_start_on between weeks.week_start_on - 56 and weeks.week_start_on - 7
    group by all
),

rates as (
    select
        *,
        if(
            measure = 'volume',
            greatest(usual_rates[1], least(usual_rates[3], hits / nullif(total, 0))),
            usual_rates[2]
        ) as usual_rate,
        (usual_rate * past_total + 0.5) / (past_total + 1) as rate,
        if(measure = 'volume', rate, rate * (1 - rate)) as chance,
        greatest(1, coalesce(usual_variance / chance, 1)) as dispersion,
        greatest(usual_middles[1], least(usual_middles[2], middle)) as usual_middle
    from past
    where usual_rates[2] is not null
),

compared as (
    select
        publisher_id, week_start_on, measure,
        min(first_on) as first_on,
        max(last_on) as last_on,
        sum(day_count) as day_count,
        sum(past_day_count) as past_day_count,
        sum(hits) as hits,
        sum(total) as total,
        sum(total * rate) as expected_hits,
        sum(total * middle) as middle_hits,
        sum(total * usual_middle) as expected_middle,
        sum(total * chance * dispersion * (1 + total / greatest(past_total, 1))) as variance
    from rates
    group by all
),

differing as (
    select
        *,
        case
            when measure != 'volume' then measure
            when hits > expected_hits then 'volume_up'
            else 'volume_down'
        end as kind
    from compared
    where
        day_count >= 3
        and past_day_count >= if(measure = 'volume', 28, 14)
        and if(
            measure = 'volume',
            abs(hits - expected_hits) >= greatest(4 * sqrt(variance), 5)
            and (
                (hits >= 1.75 * expected_hits and middle_hits >= 1.75 * expected_middle)
                or (1.75 * hits <= expected_hits and 1.75 * middle_hits <= expected_middle)
            ),
            hits - expected_hits >= greatest(4 * sqrt(variance), 0.15 * total, 3)
        )
),

outlet_weeks as (
    select
        publisher_id, week_start_on,
        min(published_on) as first_on,
        max(published_on) as last_on,
        count(*) as day_count,
        sum(article_count) as article_count
    from days
    where not is_partial
    group by all
    having day_count >= 5
),

section_weeks as (
    select
        publisher_id,
        date_trunc('week', published_on)::date as week_start_on,
        site_section,
        count(*) as article_count
    from articles
    where is_counted and site_section != ''
    group by publisher_id, date_trunc('week', published_on), site_section
    qualify max(article_count) over (partition by publisher_id, site_section) >= 7
),

-- The due articles of each section, also in weeks without any.
due_sections as (
    select
        outlet_weeks.*,
        coalesce(section_weeks.article_count, 0) as section_count,
        day_count * quantile_cont(section_count / day_count, 0.25) over before as due_count
    from outlet_weeks
    inner join (select distinct publisher_id, site_section from section_weeks as known)
        using (publisher_id)
    left join section_weeks using (publisher_id, week_start_on, site_section)
    window
        before as (
            partition by publisher_id, site_section order by week_start_on
            range between interval 56 day preceding and interval 7 day preceding
        )
    qualify count(*) over before >= 4
),

missing_sections as (
    select
        * exclude (section_count, due_count),
        'section_missing' as kind,
        0 as hits,
        sum(due_count) as expected_hits,
        any_value(article_count) + expected_hits as total
    from due_sections
    where due_count >= 7 and article_count > 0 and section_count = 0
    group by all
),

-- Weeks or silent days follow each other if there is no other between them.
runs as (
    select
        *,
        place - row_number() over (partition by publisher_id, kind order by place) as run
    from (
        select
            *,
            (week_start_on - '2000-01-03'::date) // 7 as place
        from (
            from differing
            union all by name
            from missing_sections
        )
        union all by name
        select
            publisher_id,
            'silent' as kind,
            published_on as first_on,
            published_on as last_on,
            published_on - '2000-01-03'::date as place
        from {{ ref('outlet_daily') }}
        where gap_reason = 'unexpected_silence'
    )
),

changes as (
    select
        publisher_id, kind,
        min(first_on) as first_on,
        max(last_on) as last_on,
        sum(expected_hits) / sum(total) as expected_value,
        sum(hits) / sum(total) as observed_value
    from runs
    group by publisher_id, kind, run
),

spans as (
    select
        publisher_id,
        min(published_on) filter (not is_gap) as first_on,
        max(published_on) as last_on
    from {{ ref('outlet_daily') }}
    group by publisher_id
),

feed_urls as (
    select
        publisher_id,
        min(fetched_at)::date as first_on,
        row_number() over (partition by feed_id order by first_on) > 1 as is_later
    from {{ source('raw', 'captures') }}
    where kind = 'feed' and outcome in ('ok', 'not_modified')
    group by publisher_id, feed_id, split_part(coalesce(final_url, url), '?', 1)
),

steps as (
    select
        publisher_id,
        'joined' as kind,
        first_on
    from spans
    where first_on > (select min(first_on) + 28 from spans as starts)
    union all
    select
        publisher_id,
        'left' as kind,
        last_on + 1 as first_on
    from spans
    where last_on < (select max(last_on) - 1 from spans as ends)
    union
    select
        publisher_id,
        'moved' as kind,
        first_on
    from feed_urls
    where
        is_later and not exists (
            select 1 from changes
            where
                kind = 'moved'
                and publisher_id = feed_urls.publisher_id
                and abs(first_on - feed_urls.first_on) < 28
        )
    union all
    select
        publisher_id,
        'texts_reserved' as kind,
        min(rights.first_on) as first_on
    from {{ source('ops', 'source_rights') }} as rights
    inner join spans using (publisher_id)
    where is_obeyed and rights.first_on > spans.first_on
    group by publisher_id
),

late_times as (
    select
        changes.publisher_id, kind, first_on,
        max(first_seen_at)::date + 28 as last_on
    from changes
    inner join articles
        on
            changes.publisher_id = articles.publisher_id
            and published_on between first_on and last_on
    where kind = 'late_arrivals' and is_late
    group by all
),

breaks as (
    from changes
    union all by name
    select
        *,
        first_on + 27 as last_on
    from steps
)

select
    publisher_id, kind, first_on,
    least(breaks.last_on, ends.last_on) as last_on,
    round(expected_value, 4) as expected_value,
    round(observed_value, 4) as observed_value,
    case
        when accepted_at is not null then 'accepted'
        -- The next week decides whether it continues. Late articles change older figures, so their
        -- break is open until the months with these figures are over.
        when
            greatest(breaks.last_on + 7, late_times.last_on)
            >= (select max(last_on) from spans)
            then 'open'
        else 'ended'
    end as state,
    reason as accepted_reason
from breaks
inner join (select publisher_id, last_on from spans) as ends using (publisher_id)
left join late_times using (publisher_id, kind, first_on)
left join {{ source('ops', 'accepted_breaks') }} as accepted using (publisher_id, kind, first_on)
where breaks.first_on <= (select max(last_on) from spans)
