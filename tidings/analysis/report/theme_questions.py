"""The questions that fill theme pages. One query answers each for all themes."""

from tidings.analysis.answers import LINEAGE
from tidings.analysis.report.release import IS_OVER, WINDOW_DAYS

SMALL_CHART_COUNT = 12  # small charts by outlet
MIN_CORRELATION, COOCCURRENCE_COUNT = 0.3, 12
MIN_INDEX_MONTHS = 6
SPEAKER_COUNT = 10
"""Speakers of each kind on a page."""
NEWEST_COUNT = 20  # mentions of a theme and articles of an outlet
SHARE = (
    "share(hits, total) as share, wilson_low(hits, total) as low, wilson_high(hits, total) as high"
)
EVENT_DAYS = """
select event_id, list({'day': event_day_on, 'report_count': report_count,
    'outlet_count': outlet_count, 'title': coalesce(title_en, title),
    'language': if(title_en is null, title_language, 'en')} order by event_day_on) as days
from marts.event_days group by event_id"""
# statements by the names under which bodies count
STATEMENTS = """(
    select s.* replace (coalesce(full_name, speaker) as speaker)
    from marts.statements as s
    left join ref.publishers as p using (publisher_id)
    left join measures.body_names as b
        on speaker = short_name and lower(regexp_extract(s.language, '^[^-_]+')) = b.language
        and b.country in ('', p.country)
)"""
SERIES = """
select theme_id, {unit}_start_on as start_on, about_share, about_share_low, about_share_high,
    about_count, mention_share, mention_share_low, mention_share_high, article_count,
    total_count, covered_days,
    is_complete, story_count,
    share_corrected, share_corrected_low, share_corrected_high, pooled_weight, outside_gain,
    correction_reason, assumes_perfect_coding
from marts.theme_{unit}ly
where {unit}_start_on >= coalesce($since, '-infinity') and theme_id = $id
order by start_on
"""
# The series of each theme by outlet or language over two years, at most twelve, those with most
# articles about it first, out of all of that outlet (a release in several languages counts once) or
# language. Both counts exclude gaps.
_PARTS = f"""
with covered as (
    select publisher_id, published_on from marts.outlet_daily
    where not is_gap and published_on >= $since
),
periods as (
    select {{own}}date_trunc($unit, published_on)::date as start_on,
        count(distinct published_on) filter (not is_gap) as covered_days,
        {IS_OVER} as is_complete
    from marts.outlet_daily where published_on >= $since group by all
),
totals as (
    select {{key}}, date_trunc($unit, published_on)::date as start_on, {{total}} as total
    from {{articles}} semi join covered using (publisher_id, published_on)
    where {{is_article}} group by all
),
hits as (
    select theme_id, {{key}}, date_trunc($unit, published_on)::date as start_on,
        {{hit}} as hits
    from {{themes}} semi join covered using (publisher_id, published_on)
    where {{is_about}} and theme_id = $id
    group by all
),
most as (
    select theme_id, {{key}}, sum(hits)::bigint as hit_count,
        count(*) over (partition by theme_id) as part_count
    from hits group by theme_id, {{key}}
    qualify row_number() over (partition by theme_id order by hit_count desc, {{key}})
        <= {SMALL_CHART_COUNT}
),
counts as (
    select most.*, start_on, covered_days, is_complete, coalesce(hits, 0) as hits,
        coalesce(total, 0) as total
    from most {{join}}
    left join hits using (theme_id, {{key}}, start_on)
    left join totals using ({{key}}, start_on)
)
select theme_id, {{shown}}, part_count, start_on, {SHARE}, hits, total, covered_days,
    is_complete
from counts{{names}}
order by hit_count desc, {{key}}, start_on
"""
TABLES = {
    "outlets": _PARTS.format(
        key="publisher_id",
        own="publisher_id, ",
        join="inner join periods using (publisher_id)",
        shown="publisher_id, coalesce(p.name, publisher_id) as name",
        names=" left join ref.publishers as p using (publisher_id)",
        articles="marts.outlet_daily",
        is_article="true",
        total="sum(text_count)::bigint",
        themes="marts.theme_outlet_daily",
        is_about="about_count > 0",
        hit="sum(about_count)::bigint",
    ),
    "languages": _PARTS.format(
        key="language",
        own="",
        join="cross join periods",
        shown="language",
        names="",
        articles="core.articles",
        is_article="excluded_reason is null and language is not null",
        total="count(*)",
        themes="marts.article_themes",
        is_about="is_about and language is not null",
        hit="count(*)",
    ),
    "phrases": f"""
with recent as (
    select phrase_id, count(distinct article_id) as recent_count from marts.theme_mentions
    where published_on > $last_on - {WINDOW_DAYS} group by all
)
select t.theme_id, t.phrase, t.language,
    coalesce(l.article_count, 0) as article_count,
    coalesce(recent.recent_count, 0) as recent_count,
    l.first_seen_on, p.name as first_outlet, l.peak_on, l.last_seen_on, l.half_life_days,
    l.outlet_count, l.days_to_half_of_outlets,
    not l.first_seen_is_certain and l.novelty != 'certain' as may_be_older,
    nullif(least(l.documented_on, l.first_seen_on), l.first_seen_on) as documented_on
from ref.theme_phrases as t left join marts.phrase_lives as l using (phrase_id)
left join recent using (phrase_id)
left join ref.publishers as p on l.first_publisher_id = p.publisher_id
where t.role = 'include' and t.salience is null and t.theme_id = $id
order by l.article_count desc nulls last, t.language, t.phrase
""",
    # NPMI of all months, from -1 (never together) to 1 (always together; Bouma 2009). Values are
    # rounded as displayed, so that an article on other themes does not change the page.
    "cooccurrences": f"""
with late as (
    select theme_id, other_theme_id, sum(article_count)::bigint as article_count
    from measures.theme_pairs_monthly
    where month_start_on > $last_on - interval 12 month group by all
    having sum(article_count) >= 3
),
pairs as (from late union select other_theme_id, theme_id, article_count from late),
months as (
    select theme_id, sum(article_count) as articles, sum(total_count) as total
    from marts.theme_monthly
    where month_start_on > $last_on - interval 12 month group by all
)
select pairs.theme_id, pairs.other_theme_id, t.label_en, pairs.article_count,
    round(pairs.article_count / a.articles, 3) as theme_share,
    round(npmi(pairs.article_count, a.articles, b.articles, a.total), 2) as npmi
from pairs
inner join months as a using (theme_id)
inner join months as b on pairs.other_theme_id = b.theme_id
inner join ref.themes as t on pairs.other_theme_id = t.theme_id
where t.parent_id is not null and pairs.theme_id = $id
qualify row_number() over (
    partition by pairs.theme_id
    order by npmi desc, pairs.article_count desc, pairs.other_theme_id
) <= {COOCCURRENCE_COUNT}
order by npmi desc, pairs.article_count desc, pairs.other_theme_id
""",
    # Speakers with their newest statement (of a body, under any of its names), and the numbers of
    # statements of their kind, of all kinds, and of their kind by women and men.
    "speakers": f"""
with {LINEAGE},
shares as (
    select theme_id, speaker_kind, speaker, min(speaker_name) as name,
        sum(statement_count)::bigint as statement_count,
        sum(article_count)::bigint as article_count, sum(female_count) as females,
        sum(male_count) as males
    from measures.speaker_shares_monthly
    where month_start_on > $last_on - interval 12 month and theme_id = $id
    group by all
),
ranked as (
    select *, sum(statement_count) over (partition by theme_id)::bigint as total_count,
        sum(statement_count) over kinds::bigint as kind_count,
        sum(females) over kinds::bigint as female_count,
        sum(males) over kinds::bigint as male_count
    from shares window kinds as (partition by theme_id, speaker_kind)
    qualify row_number() over (kinds order by statement_count desc, speaker) <= {SPEAKER_COUNT}
),
newest as (
    select m.theme_id, s.speaker_kind, s.speaker,
        arg_max(
            {{
                'office': s.office, 'last_on': s.published_on, 'sentence': s.sentence,
                'url': s.url, 'language': s.language, 'written': s.speaker_name
            }},
            (s.published_on, s.article_id, s.sentence)
        ) as row
    from (
        select s.*, a.url, unnest(theme_ids) as member_id
        from {STATEMENTS} as s inner join core.articles as a using (article_id, published_on)
        where published_on > $last_on - interval 12 month
    ) as s
    inner join lineage as m using (member_id)
    semi join ranked using (theme_id, speaker_kind, speaker)
    group by all
)
select theme_id, speaker_kind, speaker, nullif(name, speaker_kind) as name, statement_count,
    article_count, share(statement_count, total_count) as share,
    wilson_low(statement_count, total_count) as low,
    wilson_high(statement_count, total_count) as high,
    total_count, kind_count, female_count, male_count, unnest(newest.row)
from ranked left join newest using (theme_id, speaker_kind, speaker)
order by statement_count desc, speaker_kind, speaker
""",
    "leads": f"""
select l.theme_id, coalesce(a.name, l.leader_id) as leader,
    coalesce(b.name, l.follower_id) as follower, l.lag_days, l.correlation
from measures.lead_lags as l
left join ref.publishers as a on l.leader_id = a.publisher_id
left join ref.publishers as b on l.follower_id = b.publisher_id
where l.correlation >= {MIN_CORRELATION} and l.theme_id = $id
qualify row_number()
    over (partition by l.theme_id order by l.correlation desc, l.leader_id, l.follower_id) <= 6
order by l.correlation desc, l.leader_id, l.follower_id
""",
    "concentration": """
select theme_id, month_start_on, effective_outlet_count, outlet_count, hhi
from measures.concentration_monthly
where effective_outlet_count is not null and theme_id = $id
    and month_start_on + interval 1 month <= $last_on + interval 1 day
qualify row_number() over (partition by theme_id order by month_start_on desc) = 1
""",
    "indices": f"""
select theme_id, baseline_id, month_start_on,
    if(is_complete, standardised_index, null) as standardised_index
from measures.theme_index_monthly where theme_id = $id
qualify count(if(is_complete, standardised_index, null))
    over (partition by theme_id, baseline_id) >= {MIN_INDEX_MONTHS}
order by baseline_id, month_start_on
""",
    "quality": """
select theme_id, measure, language, period, coded_count, true_count, hit_count, true_hit_count,
    recall, recall_low, recall_high, precision, precision_low, precision_high, is_recall_stable,
    case 'all' when period then 'language' when language then 'quarter' end as figure
from measures.theme_quality where theme_id = $id
order by measure, figure, language != 'all', language, period
""",
    # One mention per article, in the body rather than in the title.
    "mentions": f"""
with {LINEAGE},
hits as (
    select t.theme_id, m.article_id, m.published_on, m.phrase_id, m.field, m.start_offset,
        m.end_offset, m.snippet,
        count(*) over (partition by t.theme_id, m.article_id) - 1 as more_count
    from marts.theme_mentions as m inner join lineage as t on m.theme_id = t.member_id
    where t.theme_id = $id
    qualify row_number() over (
        partition by t.theme_id, m.article_id
        order by m.field = 'title', m.start_offset, m.phrase_id
    ) = 1
),
newest as (
    select * from hits
    qualify row_number()
        over (partition by theme_id order by published_on desc, article_id) <= {NEWEST_COUNT}
)
select n.theme_id, n.article_id::varchar as article_id,
    coalesce(headline(a.title), '') as title, a.url,
    coalesce(p.name, a.publisher_id) as outlet, a.publisher_id, n.published_on,
    coalesce(a.language, '') as language, n.more_count, n.field,
    if(n.field = 'title', a.title, a.body_text) as text, n.start_offset, n.end_offset, n.snippet
from newest as n inner join core.articles as a using (article_id, published_on)
left join ref.publishers as p using (publisher_id)
order by n.published_on desc, a.publisher_id, n.article_id
""",
    "peaks": """
select p.theme_id, p.kind, p.start_on, p.end_on, coalesce(e.title_en, e.title) as title,
    p.article_count, p.rise_count, p.rise_share, a.url,
    if(e.title_en is null, e.title_language, 'en') as language, d.days
from measures.theme_peaks as p inner join marts.events as e using (event_id)
left join ("""
    + EVENT_DAYS
    + """) as d using (event_id)
    left join core.articles as a on p.event_id = a.article_id
    where p.theme_id = $id
    order by p.start_on desc, p.kind, p.rank
    """,
    "comparisons": """
with best as (  -- the period of small charts, if the series has it
    select series_id, coalesce(max(period) filter (period = $unit), max(period)) as period
    from measures.comparison_agreement where pair_count > 1 group by all
),
points as (
    select series_id, period,
        list((period_start_on, theme_index, comparison_index)
            order by period_start_on) as points
    from measures.comparison_themes group by all
)
select a.*, s.name, s.unit, s.counted,
    concat(s.citation, ' Licence: ' || s.licence || '.') as citation, p.points
from measures.comparison_agreement as a
inner join best using (series_id, period)
inner join points as p using (series_id, period)
inner join ref.comparison_series as s using (series_id)
where a.theme_id = $id
order by s.name, series_id
""",
    "bursts": """
select b.series, b.series_id, b.start_on, b.end_on, b.strength, b.article_count, b.total_count,
    b.is_running, coalesce(t.theme_id, p.theme_id) as theme_id,
    coalesce(t.label_en, '“' || p.phrase || '”', b.series_id) as label, p.language
from measures.bursts as b
left join ref.themes as t on b.series = 'theme' and b.series_id = t.theme_id
left join ref.theme_phrases as p on b.series = 'phrase' and b.series_id = p.phrase_id
where coalesce(t.theme_id, p.theme_id) = $id
order by b.start_on desc, b.strength desc, b.series_id
""",
}
