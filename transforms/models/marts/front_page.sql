-- One row per line of the front page, of the last 28 days. Copies and translations of an article
-- are one report.
{{ config(unique_key=['kind', 'rank']) }}

with last_day as (
    select max(published_on) as last_on from {{ ref('outlet_daily') }}
),

listed as (
    select
        themes.theme_id,
        coalesce(labels.label_en, themes.theme_id) as label
    from {{ ref('stg_themes') }} as themes
    inner join {{ source('ref', 'themes') }} as labels on themes.theme_id = labels.theme_id
    qualify themes.parent_id is not null or max(themes.parent_id) over () is null
),

-- Round-ups, whose title is only a rubric, and parts of a series are no reports. A frame has the
-- ends, figures and length of a title; a host receives a guest.
articles as (
    select
        article_id, publisher_id, event_id, event_day_on, text_id, language, titles.title,
        headline, text_kind, similarity,
        regexp_extract_all(titles.title, '\d+') as figures,
        regexp_extract(titles.title, '《(.+?)》', 1) as work,
        regexp_extract_all(
            titles.title, '[一二三四五六七八九十百\d]+[号次阶轮季期场批]|[唁贺]电|“\d+•\d+”'
        ) as stages,
        concat_ws(' ', left(titles.title, 3), right(titles.title, 2), figures) as frame,
        nullif(regexp_extract(titles.title, '^【(.+?)】', 1), '') as occasion,
        regexp_extract(
            titles.title,
            '^(\p{Han}{2,5}?)(分别)?(会见|[同与].*(会[谈晤见]|话别)|.*(仪式欢迎|欢迎仪式))', 1
        ) as host,
        regexp_extract(
            titles.title, '(?:会见|[同与]|欢迎)(\p{Han}+?)(?:举行会谈|会谈|访华|一行|\s|$)', 1
        ) as guest,
        contains(titles.title, '我驻') as is_embassy,
        max(headline) filter (language like 'en%') over of_text as title_en,
        last_on - event_day_on as age,
        min(age) over of_event >= 7 as is_over,
        if(is_over, 1, 0.5 ** (age / 3)) as weight,
        regexp_matches(titles.title, '\d[余多万]*人(死|遇难)|\d (people )?(dead|killed)')
            as is_toll,
        count(*) over (partition by event_id, language) as event_total,
        regexp_matches(titles.title, '(^| )\p{Han}{1,4}称|今[天日]') as is_of_day,
        -- no comment or feature, toll before the last, claim of a day, announcement or part of an
        -- occasion
        [
            text_kind is not distinct from 'comment' or contains(titles.title, '——'),
            is_toll and age > min(age) filter (is_toll) over of_event,
            is_of_day,
            regexp_matches(
                titles.title,
                '将(对|于|在|出席|赴|访|举行|.*访)|邀请|就绪|布展|'
                || ' (will|to) (attend|host|meet|travel|visit|welcome) '
            ),
            occasion is not null or host != ''
            or event_total >= 5 and regexp_matches(titles.title, '[致复].*[信电]')
        ] as flaws,
        count(distinct language) over of_text as language_count,
        count(*) over (partition by language) as total,
        word_count / median(word_count) over (partition by publisher_id, language) as length
    from {{ ref('article_events') }}
    cross join last_day
    inner join {{ source('core', 'articles') }} using (article_id)
    inner join {{ ref('int_article_titles') }} as titles using (article_id)
    inner join {{ ref('article_stories') }} using (article_id)
    where
        titles.title is not null
        and not is_series
        and event_day_on between last_on - 27 and last_on
        and text_kind is distinct from 'round_up'
    window
        of_event as (partition by event_id),
        of_text as (partition by event_id, text_id)
),

-- A term's information is its rarity among the reports of its language and a hundred others. It
-- fits an event that most of its reports have it and few others (F1).
words as (
    select
        *,
        recent_count / max(recent_count) over (partition by event_id, language) as event_share,
        2 * event_count / (event_total + term_count) as fit,
        max(fit) over (partition by event_id, language) as best_fit
    from (
        select
            article_id, event_id, language, event_total,
            cell // 8 as term,
            cell % 2 = 1 as is_title,
            count(*) over (partition by language, term) as term_count,
            count(*) over (partition by event_id, language, term) as event_count,
            -- a report of the last week counts twice
            event_count + count_if(age < 7) over (partition by event_id, language, term)
                as recent_count,
            ln((total + 100) / term_count) as nats
        from (
            select articles.*, unnest(terms) as cell
            from articles
            inner join {{ source('annotations', 'terms') }} using (article_id, event_day_on)
        )
    )
),

-- A member of an event has a word that fits it. A title's words are those of most reports; its rank
-- falls by 2 % a day.
titles as (
    select
        *,
        row_number() over (
            partition by event_id, language
            order by
                text_coverage > 0 desc, flaws asc,
                round(text_coverage * 0.98 ** age, 3) desc,
                event_day_on desc, similarity desc, article_id asc
        ) as place
    from (
        select
            *,
            count_if(is_member) over (partition by event_id, language) as member_count,
            avg(if(is_member, coverage, 0)) over (partition by event_id, text_id) as text_coverage
        from (
            select
                article_id,
                sum(nats) filter (is_title) as title_nats,
                sum(nats * event_share) filter (is_title) / (title_nats + 10) as coverage,
                max(fit) >= greatest(if(event_total < 10, 0.7, 0.6), 0.85 * max(best_fit))
                    as is_member
            from words
            group by article_id, event_total
        )
        inner join articles using (article_id)
    )
),

-- The information of a chosen title that another article has, and has in its title.
shared as (
    select
        others.article_id,
        sum(ours.nats) as held_nats,
        coalesce(sum(ours.nats) filter (others.is_title), 0) as shared_nats
    from words as others
    inner join words as ours using (event_id, language, term)
    inner join titles on ours.article_id = titles.article_id
    where place = 1 and ours.is_title
    group by all
),

-- The reports that count beside the title; docs/method.md (The front page) has the reasons.
chosen as (
    select
        titles.event_id, titles.language, titles.article_id, titles.title_nats,
        list(distinct others.text_id) as text_ids
    from titles
    inner join titles as others using (event_id, language)
    inner join shared on others.article_id = shared.article_id
    where
        titles.place = 1
        and (
            others.place = 1
            or (titles.is_member and others.is_member or titles.member_count = 0)
            and shared_nats / least(titles.title_nats, others.title_nats) >= case
                when
                    titles.frame = others.frame
                    and titles.occasion is null
                    and abs(length(titles.title) - length(others.title)) <= 2
                    or titles.language != 'zh' and (
                        right(titles.title, 12) = right(others.title, 12)
                        or titles.event_day_on = others.event_day_on
                        and left(titles.title, 12) = left(others.title, 12)
                    )
                    then 0.9
                when titles.member_count < 5 then 0.4
                else 0
            end
            and held_nats / titles.title_nats >= if(titles.member_count < 5, 0.6, 0.15)
            and (
                titles.member_count >= 5
                or abs(titles.event_day_on - others.event_day_on) < 7
                and (
                    others.figures = [] or list_has_all(others.figures, titles.figures)
                    or titles.event_day_on != others.event_day_on
                    and not contains(titles.title, '%')
                )
            )
            and (
                titles.member_count >= 10 or not titles.is_of_day
                or titles.event_day_on = others.event_day_on
            )
            and ('' in (titles.work, others.work) or titles.work = others.work)
            and titles.is_embassy = others.is_embassy
            and (others.stages = [] or list_has_all(others.stages, titles.stages))
            and (
                '' in (titles.host, others.host)
                or titles.host = others.host
                and (titles.guest = others.guest or '' in (titles.guest, others.guest))
            )
        )
    group by all
),

reports as (
    select
        *,
        count(*) over (partition by event_id) as article_count,
        count(distinct text_id) over (partition by event_id) as report_count,
        count(distinct title) over (partition by event_id) as name_count,
        bool_or(text_kind is distinct from 'comment') over (partition by event_id) as is_event,
        -- the occasion in brackets with which most titles begin
        if(
            report_count > 1 and 2 * count(occasion) over (partition by event_id) > article_count,
            mode(occasion) over (partition by event_id), null
        ) as name
    from articles
    inner join (
        select event_id, text_id, count(*) as covered_count
        from (select event_id, unnest(text_ids) as text_id from chosen)
        group by all
    ) using (event_id, text_id)
    where 2 * covered_count >= language_count
),

event_titles as (
    select
        event_id,
        coalesce(name, title_en, headline) as text,
        if(name is null and title_en is not null, 'en', language) as language,
        language as own_language,
        -- without titles of works, and words between spaces
        regexp_replace(
            concat(' ', regexp_replace(title, '《.*?》', '', 'g'), ' '),
            '[^\p{L}\p{M}\p{N}-]+', ' ', 'g'
        ) as own_title,
        text_id as title_text_id,
        title_nats / median(title_nats) over (partition by language) as information
    from chosen
    inner join reports using (article_id, event_id, language)
    where is_event
    qualify
        row_number() over (
            partition by event_id
            order by len(text_ids) desc, language like 'en%' desc, language asc
        ) = 1
),

named as (
    select articles.*, speaker, speaker_name, start_offset
    from articles
    inner join {{ ref('int_statement_speakers') }} using (article_id)
    inner join {{ ref('events') }} as events using (event_id)
    where
        list_contains(events.speakers, speaker_name)
        -- an obituary quotes the dead
        and text_kind is distinct from 'obituary'
    -- a body of whom a person speaks is no second speaker of the sentence
    qualify
        (
            speaker_kind = 'body'
            and bool_or(speaker_kind = 'person') over (partition by article_id, start_offset)
        ) is not true
),

-- Whom a third of the reports quote, in each more than a third as often as its main speaker, who
-- may have cited them. They are main speakers of a report, or quoted more than a third as often as
-- that of all. Of as many reports, those of the title's are first.
event_speakers as (
    select
        event_id,
        list(
            speaker_name
            order by speaker_count desc, is_of_title desc, size desc, place asc, speaker_name asc
        )[:3] as speakers
    from (
        select
            event_id, speaker_name,
            count(*) as speaker_count,
            bool_or(text_id = title_text_id) as is_of_title,
            sum(quote_count) as size,
            min(place) as place
        from (
            select
                event_id, text_id, title_text_id, report_count, speaker_name,
                count(*) as quote_count,
                min(start_offset) as place,
                quote_count / max(quote_count) over (partition by event_id, text_id) as ratio
            from reports
            inner join event_titles using (event_id)
            inner join (select article_id, speaker_name, start_offset from named) using (article_id)
            where reports.language = own_language
            group by event_id, text_id, title_text_id, report_count, speaker_name
            qualify 3 * ratio > 1
        )
        group by event_id, speaker_name, report_count
        having 3 * speaker_count >= report_count
        qualify max(ratio) = 1 or 3 * size > max(size) over (partition by event_id)
    )
    group by event_id
),

-- A theme of an event is that of its title's report and of more than half of all, in title or lead.
event_themes as (
    select
        event_id,
        list(theme_id order by theme_count desc, size desc, theme_id asc)[:2] as themes
    from (
        select
            event_id, theme_id, article_count,
            count(*) as theme_count,
            sum(mention_count) as size
        from reports
        inner join event_titles using (event_id)
        inner join {{ ref('article_themes') }} using (article_id)
        semi join listed using (theme_id)
        where is_about and title_count + lead_count > 0
        group by event_id, theme_id, article_count
        having
            2 * theme_count > article_count
            and max(title_count) > 0
            and bool_or(text_id = title_text_id)
        qualify 3 * size >= max(size) over (partition by event_id)
    )
    group by event_id
),

event_lines as (
    select
        'event' as kind,
        event_id,
        text,
        event_titles.language,
        min(event_day_on) as first_on,
        max(event_day_on) as last_on,
        count(distinct publisher_id) as outlet_count,
        report_count,
        -- reports with one title, such as voices from the street, rank as one
        max(least(report_count, name_count)) as rank_count,
        list(article_id order by event_day_on, article_id) as article_ids,
        themes, speakers, information,
        min(age) < 7 as is_recent,
        if(is_recent, avg(weight), 1) as weight,
        sum(length) as length,
        bool_or(coalesce(text_kind = 'sports_event', false)) as is_sport
    from reports
    inner join event_titles using (event_id)
    left join event_themes using (event_id)
    left join event_speakers using (event_id)
    group by all
    having
        rank_count > if(is_recent, 1, 4)
        or max(age) < 3
),

names as (
    select
        language,
        regexp_replace(
            if(language = 'zh', name, concat(' ', name, ' ')), '[^\p{L}\p{M}\p{N}-]+', ' ', 'g'
        ) as name
    from (
        select language, name from {{ source('ref', 'speakers') }}
        union all
        select language, unnest(forms) as name from {{ source('ref', 'bodies') }}
    )
    where length(name) > 1
),

-- Policy: a theme, a listed person or body in the title, and no sports event.
ranked_events as (
    select
        *,
        2 + (themes is not null)::integer + (name is not null)::integer - is_sport::integer
            as policy,
        policy * if(
            rank_count > 1, outlet_count * weight * rank_count, length * sqrt(information) * policy
        ) as score,
        row_number() over (partition by rank_count > 1 order by score desc, event_id asc) as place
    from event_lines
    left join (
        select event_id, min(name) as name
        from event_titles
        semi join event_lines as shown using (event_id)
        inner join names
            on starts_with(own_language, names.language) and contains(own_title, name)
        group by event_id
    ) using (event_id)
    where is_recent or rank_count > 9 or coalesce(themes[1], speakers[1], name) is not null
),

speaker_lines as (
    select
        'speaker' as kind,
        speaker as subject_id,
        min(speaker_name) as text,
        min(event_day_on) as first_on,
        max(event_day_on) as last_on,
        count(distinct publisher_id) as outlet_count,
        count(distinct text_id) as report_count,
        list_sort(list(distinct article_id)) as article_ids,
        [report_count] as priority
    from named
    where age < 7
    group by speaker
    having report_count > 1
),

-- The course of a rise is by day in 28 days, if half of them have enough articles, else by week;
-- that of a fall by week in 56 days: few outlets publish on a Saturday, so its share is no peak.
changes as (
    select
        theme_id, q_value, panel_article_count, panel_outlet_count, label,
        panel_change > 0 as is_rise
    from {{ ref('share_change') }}
    inner join listed using (theme_id)
    where is_significant
),

days as (
    select
        theme_id, published_on,
        sum(about_count) as hits,
        sum(total_count) as total,
        is_rise and median(sum(total_count)) over (partition by theme_id) >= 10 as is_daily
    from {{ ref('theme_outlet_daily') }}
    inner join {{ ref('int_panel_days') }} using (publisher_id, published_on)
    inner join changes using (theme_id)
    where is_panel and (is_now or not is_rise)
    group by theme_id, published_on, is_rise
),

points as (
    select
        theme_id, is_daily,
        if(is_daily, published_on, date_trunc('week', published_on)::date) as point_on,
        sum(hits) as hits,
        sum(total) as total
    from days
    group by all
    having sum(total) > 0
),

-- Each day, with the two days before it, or each week is compared with all that follows. A theme
-- has fallen if its share is halved, by more than 2.33 standard errors.
splits as (
    select
        theme_id,
        point_on as split_on,
        sum(hits) over until as hits_until,
        sum(total) over until as total_until,
        sum(hits) over after as hits_after,
        sum(total) over after as total_after,
        (hits_until + hits_after) / (total_until + total_after) as pooled,
        (hits_until / total_until - hits_after / total_after)
        / sqrt(pooled * (1 - pooled) * (1 / total_until + 1 / total_after)) as fall
    from points
    window
        course as (partition by theme_id order by point_on),
        until as (course range between interval 2 day preceding and current row),
        after as (course rows between 1 following and unbounded following)
),

turns as (
    select theme_id, arg_max(split_on, fall) as split_on
    from splits
    where
        isfinite(fall) and fall > 2.33
        and 2 * hits_after * total_until <= hits_until * total_after
    group by theme_id
),

-- The peak is the highest share: of a rise, up to the fall; of a fall, if it is three times that of
-- all days.
courses as (
    select
        theme_id,
        any_value(is_daily) as is_daily,
        first(
            point_on order by hits / total desc, if(is_rise, -1, 1) * epoch(point_on) asc
        ) as peak_on
    from points
    inner join changes using (theme_id)
    left join turns using (theme_id)
    where not is_rise or point_on <= split_on
    group by theme_id, is_rise
    having is_rise or max(hits / total) >= 3 * sum(hits) / sum(total)
),

theme_lines as (
    select
        if(is_rise, 'rising', 'fading') as kind,
        theme_id as subject_id,
        label || case
            when peak_on is null then if(is_rise, ' rose', ' fell')
            else
                if(is_daily, ' peaked on ', ' peaked in the week from ')
                || strftime(peak_on, '%-d %B') || if(is_rise, ' and has fallen since', ' and fell')
        end as text,
        last_on - 27 as first_on,
        last_on,
        panel_outlet_count as outlet_count,
        panel_article_count as report_count,
        [-q_value] as priority
    from changes
    cross join last_day
    left join courses using (theme_id)
    where coalesce(peak_on + if(is_daily, 0, 6) > last_on - if(is_rise, 21, 42), true)
),

-- Below a strength of 8, chance explains bursts among 150 themes on 28 days. At least half of the
-- texts that mention the theme are about it.
burst_lines as (
    select
        'burst' as kind,
        series_id as subject_id,
        label as text,
        start_on as first_on,
        end_on as last_on,
        sum(days.about_count)::bigint as report_count,
        [strength] as priority
    from {{ ref('bursts') }} as bursts
    cross join last_day
    inner join listed on series_id = theme_id
    inner join {{ ref('theme_outlet_daily') }} as days
        on listed.theme_id = days.theme_id and published_on between start_on and end_on
    where
        series = 'theme'
        and end_on > last_day.last_on - 14
        and strength >= 8
    group by series_id, label, start_on, end_on, strength, bursts.article_count
    having 2 * sum(days.about_count) >= bursts.article_count
),

phrase_lines as (
    select
        'new_phrase' as kind,
        phrase_id as subject_id,
        phrase as text,
        language,
        first_seen_on as first_on,
        last_seen_on as last_on,
        outlet_count,
        article_count as report_count,
        [first_article_id] as article_ids,
        [
            if(novelty = 'certain', 1, 0),
            epoch(first_seen_on),
            article_count
        ] as priority
    from {{ ref('phrase_lives') }}
    cross join last_day
    where
        novelty != 'here'
        and least(first_seen_on, documented_on) > last_day.last_on - 28
        and article_count > 1
    qualify row_number() over (partition by phrase, language order by subject_id) = 1
),

lines as (
    -- Eight events with several reports are listed, first those with one in the last seven days,
    -- then others with five, last those of which a title covers one. The four longest reports of
    -- the last days follow, and two whose titles say most.
    select
        *,
        case
            when rank_count > 1
                then [if(is_recent, 4, 3), round(score, 6)]
            when place <= 4 then [2, round(score, 6)]
            else [least(policy, 3) - 2, round(information * policy, 6)]
        end as priority
    from ranked_events
    qualify
        row_number() over (
            partition by rank_count > 1, is_recent order by priority desc, event_id asc
        ) <= case when rank_count = 1 then 6 when is_recent then 8 else 5 end
    union all by name
    from theme_lines
    union all by name
    from burst_lines
    union all by name
    from speaker_lines
    union all by name
    from phrase_lines
)

select
    kind,
    row_number() over (
        partition by kind order by priority desc, text asc, event_id asc, subject_id asc
    ) as rank,
    subject_id, event_id, text, language, first_on, last_on, outlet_count, report_count,
    coalesce(themes, []::varchar[]) as themes,
    coalesce(speakers, []::varchar[]) as speakers,
    coalesce(article_ids, []::uuid[]) as article_ids
from lines
qualify rank <= case kind when 'event' then 19 when 'burst' then 4 else 8 end
