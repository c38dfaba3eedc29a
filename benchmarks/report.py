"""The report of a long history: whole, after a few themes changed, after an ordinary night; and both after a fifth of it.

An ordinary night brings a new day of every outlet, so every share of the running week and month changes, and every page with
it. A word of the list that was put right changes a few themes only.

Baseline of the same run: one scan of the release's theme_outlet_daily with a sum a theme, what any report has to read at least.
Seconds are of CPU, DuckDB's threads included, for other work on the machine is none of the report's.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

import duckdb

from flows.report import write_report

THEMES, OUTLETS, LAST = 200, 50, dt.date(2026, 6, 28)

MAKE = """
    create schema core; create schema marts; create schema ref; create schema ops;
    create table ops.releases as select 'r1' as release_id, now() as released_at, 1 as snapshot_id, 'w' as lexicon_version,
        'c' as code_version, 'r' as run_id, 1 as audit_passed, 0 as audit_warned;
    create table ref.publishers as select 'outlet_' || i as publisher_id, 'Outlet ' || i as name, 'XX' as country,
        'official' as publisher_type, 'UTC' as time_zone from range({outlets}) as t(i);
    create table ref.themes as select 'theme_' || i as theme_id, case when i >= 20 then 'theme_' || i % 20 end as parent_id,
        'Theme ' || i as label_en, '主题' || i as label_zh, 'Thema ' || i as label_de, 1 as cap_code,
        'theme' as kind,
        'What it is' as definition, null::date as valid_from, null::date as valid_to, '' as source from range({themes}) as t(i);
    create table ref.theme_phrases as select 'p' || i as phrase_id, 'theme_' || i % {themes} as theme_id, 'en' as language,
        'phrase ' || i as phrase, 'phrase' as match_type, 'include' as role, null::varchar as reviewed_by
        from range({themes} * 10) as t(i);
    create table core.articles as
        select uuid() as article_id, publisher_id,
            'https://news.example/' || n as url, 'A title of an article, number ' || n as title, null::varchar as lead,
            'It rained. They said that phrase ' || n || ' is in this sentence, and more. ' || repeat('Some more words. ', 20)
            as body_text, hash(publisher_id, day, n)::varchar as content_hash,
            ['A']::varchar[] as authors, 'en' as language, day::date as published_on,
            null::varchar as excluded_reason
        from ref.publishers, generate_series(date '{first}'::timestamp, date '{last}'::timestamp, interval 1 day) as t(day),
            range(4) as u(n) order by day;
    create table marts.theme_mentions as select article_id, 'theme_' || (hash(article_id) % {themes})::varchar as theme_id,
        'p' || (hash(article_id, 1) % ({themes} * 10))::varchar as phrase_id, 'body_text' as field, 26 as start_offset,
        34 as end_offset, 'snippet' as snippet, publisher_id, published_on, language from core.articles order by published_on;
    create table marts.outlet_daily as select publisher_id, published_on, count(*) as article_count, count(*) as story_count,
        hash(publisher_id, published_on) % 40 = 0 as is_gap, case when is_gap then 'feed_down' end as gap_reason,
        true as is_complete
        from core.articles group by all;
    create table marts.theme_outlet_daily as
        with hits as (select theme_id, publisher_id, published_on, count(*) as hits from marts.theme_mentions group by all)
        select t.theme_id, d.publisher_id, d.published_on, coalesce(hits, 0)::bigint as article_count,
            coalesce(hits, 0)::bigint as story_count, d.article_count as total_count, d.is_gap, d.is_complete
        from ref.themes as t cross join marts.outlet_daily as d left join hits as h
            on t.theme_id = h.theme_id and d.publisher_id = h.publisher_id and d.published_on = h.published_on
        order by d.published_on, t.theme_id, d.publisher_id;  -- as a release file is written
"""
OVER_TIME = """
    create or replace table marts.theme_{name} as select theme_id, date_trunc('{unit}', published_on)::date as {unit}_start_on,
        sum(article_count)::bigint as article_count, sum(story_count)::bigint as story_count,
        sum(total_count)::bigint as total_count, sum(article_count) / sum(total_count) as share, share * 0.8 as share_low,
        share * 1.2 as share_high,
        count(distinct published_on) filter (not is_gap) as covered_days, max(published_on) < date '2026-06-22' as is_complete
        from marts.theme_outlet_daily group by all;
"""
# A few themes changed: one more mention of each on the last day.
FEW = """
    insert into marts.theme_mentions select article_id, 'theme_' || (20 + n)::varchar, 'p1', 'body_text', 26, 34, 'snippet',
        publisher_id, published_on, language
        from (select * from core.articles where published_on = date '{last}' limit 1), range(5) as t(n);
    update marts.theme_outlet_daily set article_count = article_count + 1, story_count = story_count + 1
        where published_on = date '{last}' and publisher_id = 'outlet_1' and theme_id in ('theme_20', 'theme_21', 'theme_22');
    update ops.releases set release_id = 'r2';
"""
# An ordinary night: the next day, as the last one was.
NIGHT = """
    insert into core.articles select * replace (uuid() as article_id, published_on + 1 as published_on)
        from core.articles where published_on = date '{last}';
    insert into marts.theme_mentions
        select article_id, 'theme_' || (hash(article_id) % 200)::varchar, 'p1', 'body_text', 26, 34, 'snippet',
            publisher_id, published_on, language
        from core.articles where published_on = date '{last}' + 1;
    insert into marts.outlet_daily select * replace (published_on + 1 as published_on)
        from marts.outlet_daily where published_on = date '{last}';
    insert into marts.theme_outlet_daily select * replace (published_on + 1 as published_on)
        from marts.theme_outlet_daily where published_on = date '{last}';
    update ops.releases set release_id = 'r3';
"""


def make(path: Path, years: int) -> None:
    """Write a release of so many years: 200 themes, 50 outlets, four articles a day each."""
    first = LAST - dt.timedelta(days=365 * years)
    with duckdb.connect(path) as con:
        con.execute(MAKE.format(themes=THEMES, outlets=OUTLETS, first=first, last=LAST))
        fold(con)


def fold(con: duckdb.DuckDBPyConnection) -> None:
    """Make weeks and months again."""
    for name, unit in (("weekly", "week"), ("monthly", "month")):
        con.execute(OVER_TIME.format(name=name, unit=unit))


def timed(path: Path, folder: Path) -> tuple[float, int, int]:
    """Return the CPU seconds that a report takes, and how many files it wrote of how many."""
    with duckdb.connect(path, read_only=True) as con:
        con.execute("set threads = 2")
        start = time.process_time()
        made = write_report(con, folder)
        return time.process_time() - start, made.written, made.pages


def scan(path: Path) -> float:
    """Return the CPU seconds of one bare scan with a sum a theme."""
    with duckdb.connect(path, read_only=True) as con:
        con.execute("set threads = 2")
        start = time.process_time()
        con.execute("select theme_id, sum(article_count), sum(total_count) from marts.theme_outlet_daily group by all").fetchall()
        return time.process_time() - start


def main() -> None:
    """Print seconds and ratios for one year and five."""
    taken: dict[tuple[str, int], float] = {}
    for years in (1, 5):
        with tempfile.TemporaryDirectory() as name:
            path, folder = Path(name) / "tidings.duckdb", Path(name) / "report"
            make(path, years)
            bare = scan(path)
            whole, written, pages = timed(path, folder)
            print(f"{years} year(s): whole {whole:.1f} s, {written} of {pages} files, ratio to a bare scan {whole / bare:.0f}")
            for kind, change in (("a few themes", FEW), ("a night", NIGHT)):
                with duckdb.connect(path) as con:
                    con.execute(change.format(last=LAST))
                    fold(con)
                taken[kind, years], written, pages = timed(path, folder)
                ratio = taken[kind, years] / whole
                print(f"{years} year(s): {kind} {taken[kind, years]:.1f} s, {written} files, ratio to whole {ratio:.2f}")
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            largest = max(file.stat().st_size for file in folder.rglob("*.html"))
            print(f"{years} year(s): report {size / 1e6:.1f} MB, largest page {largest / 1e3:.0f} kB")
    for kind in ("a few themes", "a night"):
        print(f"{kind} after five years against after one: {taken[kind, 5] / taken[kind, 1]:.2f}")


if __name__ == "__main__":
    main()
