"""Measure the CPU time of the report with one and five years of history.

The baseline in the same run is a scan of theme_outlet_daily with one sum per theme, which any
report must read. Times are CPU seconds including DuckDB's threads, so that other work on the
machine does not distort them.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

import duckdb

from tidings.analysis.report import write_report

THEMES, OUTLETS, LAST = 200, 50, dt.date(2026, 6, 28)

MAKE = """
    create schema core; create schema marts; create schema ref; create schema ops;
    create table ops.releases as
    select 'r1' as release_id, now() as released_at, 1 as snapshot_id, 'w' as lexicon_version,
        'c' as code_version, 'r' as run_id, 1 as audit_passed, 0 as audit_warned;
    create table ref.publishers as
    select 'outlet_' || i as publisher_id, 'Outlet ' || i as name, 'XX' as country,
        'official' as publisher_type, 'UTC' as time_zone from range({outlets}) as t(i);
    create table ref.themes as
    select 'theme_' || i as theme_id, case when i >= 20 then 'theme_' || i % 20 end as parent_id,
        'Theme ' || i as label_en, '主题' || i as label_zh, 'Thema ' || i as label_de,
        1 as cap_code,
        'theme' as kind,
        'What it is' as definition, null::date as valid_from, null::date as valid_to, '' as source
    from range({themes}) as t(i);
    create table ref.theme_phrases as
    select 'p' || i as phrase_id, 'theme_' || i % {themes} as theme_id, 'en' as language,
        'phrase ' || i as phrase, 'phrase' as match_type, 'include' as role,
        null::varchar as salience,
        null::varchar as reviewed_by
        from range({themes} * 10) as t(i);
    create table core.articles as
        select uuid() as article_id, publisher_id,
            'https://news.example/' || n as url, 'A title of an article, number ' || n as title,
            null::varchar as lead,
            'It rained. They said that phrase ' || n || ' is in this sentence, and more. '
            || repeat('Some more words. ', 20)
            as body_text, hash(publisher_id, day, n)::varchar as content_hash,
            ['A']::varchar[] as authors, 'en' as language, day::date as published_on,
            null::varchar as excluded_reason
        from ref.publishers,
            generate_series(date '{first}'::timestamp, date '{last}'::timestamp,
                interval 1 day) as t(day),
            range(4) as u(n) order by day;
    create table marts.theme_mentions as
    select article_id, 'theme_' || (hash(article_id) % {themes})::varchar as theme_id,
        'p' || (hash(article_id, 1) % ({themes} * 10))::varchar as phrase_id, 'body_text' as field,
        26 as start_offset,
        34 as end_offset, 'snippet' as snippet, publisher_id, published_on, language
    from core.articles order by published_on;
    create view marts.article_themes as
    select article_id, theme_id, true as is_about, publisher_id, published_on, language
        from marts.theme_mentions;
    create table marts.outlet_daily as
    select publisher_id, published_on, count(*) as article_count, count(*) as story_count,
        0 as excluded_count, hash(publisher_id, published_on) % 40 = 0 as is_gap,
        case when is_gap then 'feed_down' end as gap_reason,
        true as is_complete
        from core.articles group by all;
    create table marts.theme_outlet_daily as
        with hits as (select theme_id, publisher_id, published_on, count(*) as hits
            from marts.theme_mentions group by all)
        select t.theme_id, d.publisher_id, d.published_on,
            coalesce(hits, 0)::bigint as article_count,
            coalesce(hits, 0)::bigint as about_count,
            coalesce(hits, 0)::bigint as story_count, d.article_count as total_count, d.is_gap,
            d.is_complete
        from ref.themes as t cross join marts.outlet_daily as d left join hits as h
            on t.theme_id = h.theme_id and d.publisher_id = h.publisher_id
                and d.published_on = h.published_on
        order by d.published_on, t.theme_id, d.publisher_id;  -- the order of a release file
    create table marts.statements as
    select article_id, 'Speaker ' || (hash(article_id) % 300)::varchar as speaker,
        speaker as speaker_name, 'person' as speaker_kind, 'minister' as office,
        'They said that phrase ' || hash(article_id) % 1000
        || ' is in this sentence, and more.' as sentence,
        [theme_id] as theme_ids, publisher_id, published_on, language from marts.theme_mentions
    where hash(article_id, 2) % 3 = 0;
    create table measures.speaker_shares_monthly as select theme_ids[1] as theme_id,
        date_trunc('month', published_on)::date as month_start_on, speaker_kind, speaker,
        speaker as speaker_name,
        count(*) as statement_count, count(*) as article_count, 0 as female_count, 0 as male_count
        from marts.statements group by all;
    create table measures.bursts as
    select 'theme' as series, 'theme_' || hash(i) % {themes} as series_id,
        (date '{first}' + (i * 3)::integer) as start_on, start_on + 12 as end_on, 3.5 as strength,
        40 as article_count,
        400 as total_count, end_on >= date '{last}' as is_running
        from range(date_diff('day', date '{first}', date '{last}') // 3) as t(i);
    create table marts.coverage as
    select publisher_id || '_feed' as source_id, publisher_id, 'feed' as way, published_on,
        article_count as listed_count, article_count as obtained_count, 0 as missing_count,
        0 as later_copy_count,
        'original_capture' as status from marts.outlet_daily order by published_on;
    create table measures.theme_pairs_monthly as
    select a.theme_id, b.theme_id as other_theme_id, month::date as month_start_on,
        hash(a.theme_id, b.theme_id, month) % 9 as article_count, 6000 as total_count
        from ref.themes as a inner join ref.themes as b
            on a.theme_id < b.theme_id and hash(a.theme_id, b.theme_id) % 4 = 0,
            generate_series(date_trunc('month', date '{first}'), date '{last}'::timestamp,
                interval 1 month) as t(month)
        order by month;
    create table measures.keyness_monthly as
    select publisher_id, month::date as month_start_on, 'en' as language, p.phrase as term,
        p.theme_id, 5 as mention_count, 9 as other_mention_count,
        1 + hash(phrase_id, publisher_id, month) % 30 / 10 as z
        from ref.publishers, ref.theme_phrases as p,
            generate_series(date_trunc('month', date '{first}'), date '{last}'::timestamp,
                interval 1 month) as t(month)
        where hash(phrase_id, publisher_id) % 50 = 0;
    create table measures.lead_lags as
    select t.theme_id, a.publisher_id as leader_id, b.publisher_id as follower_id, 2 as lag_days,
        0.4 as correlation from ref.themes as t, ref.publishers as a, ref.publishers as b
    where hash(t, a, b) % 400 = 0;
"""
OVER_TIME = """
    create or replace table marts.theme_{name} as
    select theme_id, date_trunc('{unit}', published_on)::date as {unit}_start_on,
        sum(article_count)::bigint as article_count, sum(about_count)::bigint as about_count,
        sum(story_count)::bigint as story_count,
        sum(total_count)::bigint as total_count,
        sum(article_count) / sum(total_count) as mention_share,
        mention_share * 0.8 as mention_share_low,
        mention_share * 1.2 as mention_share_high, mention_share as about_share,
        mention_share_low as about_share_low,
        mention_share_high as about_share_high,
        count(distinct published_on) filter (not is_gap) as covered_days,
        max(published_on) < date '2026-06-22' as is_complete
        from marts.theme_outlet_daily group by all;
"""
# As dbt computes phrase_lives from all mentions.
LIVES = """
    create or replace table marts.phrase_lives as select phrase_id, min(theme_id) as theme_id,
        min(published_on) as first_seen_on,
        arg_min(publisher_id, (published_on, article_id)) as first_publisher_id,
        arg_min(article_id, (published_on, article_id)) as first_article_id,
        true as first_seen_is_certain,
        400 as observed_day_count, min(published_on) + 9 as peak_on,
        max(published_on) as last_seen_on, 9.0 as half_life_days,
        count(distinct publisher_id) as outlet_count,
        20::bigint as days_to_half_of_outlets, count(distinct article_id) as article_count
        from marts.theme_mentions group by phrase_id;
"""


def make(path: Path, years: int) -> None:
    """Write a release with 200 themes and 50 outlets that publish four articles per day, over the
    given years.
    """
    first = LAST - dt.timedelta(days=365 * years)
    with duckdb.connect(path) as con:
        con.execute(MAKE.format(themes=THEMES, outlets=OUTLETS, first=first, last=LAST))
        aggregate(con)


def aggregate(con: duckdb.DuckDBPyConnection) -> None:
    """Compute the weekly and monthly tables and phrase_lives again."""
    for name, unit in (("weekly", "week"), ("monthly", "month")):
        con.execute(OVER_TIME.format(name=name, unit=unit))
    con.execute(LIVES)


def measure_report(path: Path, folder: Path) -> tuple[float, int]:
    """Write a report and return its CPU seconds and the number of its files."""
    with duckdb.connect(path, read_only=True) as con:
        con.execute("set threads = 2")
        start = time.process_time()
        result = write_report(con, folder)
        return time.process_time() - start, result.file_count


def measure_scan(path: Path) -> float:
    """Return the CPU seconds of a scan with one sum per theme."""
    with duckdb.connect(path, read_only=True) as con:
        con.execute("set threads = 2")
        start = time.process_time()
        con.execute(
            "select theme_id, sum(article_count), sum(total_count) from"
            " marts.theme_outlet_daily group by all"
        ).fetchall()
        return time.process_time() - start


def main() -> None:
    """Print seconds and ratios for one year and five."""
    seconds = {}
    for years in (1, 5):
        with tempfile.TemporaryDirectory() as name:
            path, folder = Path(name) / "tidings.duckdb", Path(name) / "report"
            make(path, years)
            baseline = measure_scan(path)
            seconds[years], count = measure_report(path, folder)
            print(
                f"{years} year(s): report {seconds[years]:.1f} s, {count} files, ratio to the scan"
                f" {seconds[years] / baseline:.0f}"
            )
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            largest = max(file.stat().st_size for file in folder.rglob("*.html"))
            print(
                f"{years} year(s): report {size / 1e6:.1f} MB, largest page {largest / 1e3:.0f} kB"
            )
    print(f"five years relative to one year: {seconds[5] / seconds[1]:.2f}")


if __name__ == "__main__":
    main()
