"""Create warehouses with a long invented history for growth.py, questions.py and stories.py.

A history covers a number of days (default 1,000) until LAST_DAY for twenty outlets. Each article
has a feed entry, a capture, an extraction, a row and a first revision; each outlet has one poll per
day. Sentences use an invented vocabulary with a long tail, and a quarter of them contain a phrase
from ``seeds/``. One article in twenty repeats the previous article, which forms stories.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import random
from typing import TYPE_CHECKING

import pyarrow as pa

from benchmarks.matching import SYLLABLES
from tests.transforms.conftest import annotate_here
from tidings.base.records import Article, ArticleRevision, Capture, Extraction, FeedEntry
from tidings.fetch.window import FIRST, LAST, Window
from tidings.paths import SEEDS
from tidings.stages.annotate import annotate_articles
from tidings.stages.build import BuildResult, build
from tidings.stages.group import group_articles
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge
from tidings.storage.migrate import migrate
from tidings.storage.reference import lexicon_version, load_reference
from tidings.storage.release import release

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

OUTLETS = 20
DAYS = 1000
LAST_DAY = dt.date(2026, 6, 30)
PART = 100_000  # articles per write
SENTENCES, SENTENCE_WORDS, BODY_SENTENCES = 20_000, 22, 15
VOCABULARY = 20_000

# The data of articles, for the rows of the table `numbered` with the columns n and on_day.
NUMBERED = f"""
    select
        n,
        on_day,
        'o' || (hash(n) % {OUTLETS}) as publisher_id,
        'f' || (hash(n) % {OUTLETS}) as feed_id,
        'https://o' || (hash(n) % {OUTLETS}) || '.example/' || on_day || '/' || n as url,
        md5('article' || n)::uuid as article_id,
        md5('capture' || n)::uuid as capture_id,
        md5('poll' || (hash(n) % {OUTLETS}) || on_day)::uuid as poll_id,
        timezone('UTC', on_day + interval 6 hour)
        + to_minutes((hash(n, 1) % 700)::integer) as published_at,
        timezone('UTC', on_day + interval 21 hour) as fetched_at,
        texts[1 + (hash(n, 2) % {SENTENCES})::integer][:70] as title,
        list_aggregate(
            list_transform(range({BODY_SENTENCES}),
                lambda s: texts[1 + (hash(n, 10 + s) % {SENTENCES})::integer]),
            'string_agg', ' '
        ) as body_text,
        -- One article in twenty has the signature of the previous article.
        list_transform(range(128),
            lambda s: (hash(n - (n % 20 = 1)::integer, s) >> 32)::ubigint) as signature
    from numbered, sentences
"""
TABLES = {
    FeedEntry: (
        "md5('entry' || n)::uuid as entry_id, md5(title) as revision_hash, feed_id, poll_id as"
        " capture_id, url as guid, url,"
        " url as link_raw, title, title as summary, [] as authors, [] as categories, 'en' as"
        " language,"
        " strftime(published_at, '%c') as published_raw, published_at, 'exact' as date_quality,"
        " fetched_at as first_seen_at"
    ),
    Capture: (
        "capture_id, url, url as final_url, 'page' as kind, feed_id, publisher_id, fetched_at,"
        " 'ok' as outcome, 200 as status,"
        " 'text/html' as content_type, 'sha1:' || md5(url) as digest, 40000 + n % 9000 as"
        " byte_count,"
        " strftime(on_day, '%Y/%m/%d') || '-pages-000.warc.gz' as warc_file, n % 300 * 9000 as"
        " warc_offset, 9000 as warc_length,"
        " false as is_revisit, 'live' as origin"
    ),
    Extraction: "capture_id, url, article_id, 'ok' as outcome, 'bench' as rules_version,"
    " fetched_at as extracted_at",
    Article: (
        "article_id, publisher_id, url, title, title as lead, body_text, [] as authors, [] as"
        " agencies, 'en' as language,"
        " published_at, on_day as published_on, 'exact' as date_quality, fetched_at as"
        " first_seen_at, 330 as word_count,"
        " md5(body_text) as content_hash, 'bench' as extractor, 0.9 as agreement, false as"
        " is_truncated, signature, capture_id"
    ),
    ArticleRevision: (
        "article_id, md5(body_text) as content_hash, fetched_at as seen_at, title, capture_id,"
        " [] as paragraphs_added, [] as paragraphs_removed"
    ),
}


def make_history(root: Path, count: int, spread: int = DAYS) -> Lake:
    """Create a lake with ``count`` articles, distributed evenly over ``spread`` days, without
    models.
    """
    lake = Lake(root)
    with open_lake(lake) as con:
        migrate(con)
        load_reference(con, [SEEDS])
        con.execute(
            "insert into ref.publishers (publisher_id, name, country, publisher_type, time_zone,"
            " domains)"
            f" select 'o' || n, 'Outlet ' || n, 'DE', 'independent', 'Europe/Berlin', [] from"
            f" range({OUTLETS}) t(n)"
        )
        con.execute(
            "insert into raw.feeds (feed_id, publisher_id, url, kind, language, topics, is_enabled)"
            f" select 'f' || n, 'o' || n, 'https://o' || n || '.example/rss', 'feed', 'en', [],"
            f" true from range({OUTLETS}) t(n)"
        )
        for start in range(0, count, PART):
            end = min(start + PART, count)
            days = f"date '{LAST_DAY}' - (({count} - 1 - n) * {spread} // {count})::integer"
            _number(con, f"select n, {days} as on_day from range({start}, {end}) t(n)")
            for kind in TABLES:
                table = kind.TABLE  # type: ignore[attr-defined]
                con.execute(f"insert into {table} by name {_selected(kind)}")
        _poll(con, LAST_DAY - dt.timedelta(spread), LAST_DAY)
    return lake


def add_day(lake: Lake, day: dt.date, count: int, first: int) -> None:
    """Write a day's polls and articles with numbers from ``first`` in one transaction with MERGE,
    as in a nightly run.
    """
    with open_lake(lake) as con:
        _number(con, f"select n, date '{day}' as on_day from range({first}, {first + count}) t(n)")
        records_of_kind = {kind: _records(con, kind) for kind in TABLES}
        with transaction(con):
            if day > LAST_DAY:
                _poll(con, day, day)
            for records in records_of_kind.values():
                merge(con, records)


def annotate_day(lake: Lake, day: dt.date) -> None:
    """Annotate, in this process, the articles that wait for it."""
    with open_lake(lake) as con:
        annotate_articles(con, annotate_here, day, Window(FIRST, LAST))


def group_day(lake: Lake, day: dt.date) -> None:
    """Group the annotated articles as of the end of a day."""
    with open_lake(lake) as con:
        group_articles(con, end_of(day))


def build_day(lake: Lake, day: dt.date) -> BuildResult:
    """Build the models as of the end of a day and return the result."""
    with open_lake(lake) as con:
        lexicon = lexicon_version(con)
    return build(lake, as_of=end_of(day), lexicon=lexicon)


def release_day(lake: Lake, day: dt.date) -> None:
    """Release the lake as of the end of a day."""
    with open_lake(lake) as con:
        release(
            con,
            lake,
            now=end_of(day),
            lexicon=lexicon_version(con),
            code="bench",
            run_id="bench",
            passed=0,
            warned=0,
        )


def end_of(day: dt.date) -> dt.datetime:
    """Return the time of the day's nightly run."""
    return dt.datetime.combine(day, dt.time(23, 30), dt.UTC)


def _number(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Create a table ``made`` with the data of the articles in a query of numbers and days."""
    con.register("sentence_batch", pa.table({"texts": [make_sentences()]}))
    con.execute("create or replace temp table sentences as from sentence_batch")
    con.execute(f"create or replace temp table numbered as {query}")
    con.execute(f"create or replace temp table made as {NUMBERED}")
    con.unregister("sentence_batch")


def _selected(kind: type) -> str:
    return f"select {TABLES[kind]} from temp.made"


def _records(con: duckdb.DuckDBPyConnection, kind: type) -> list[object]:
    """Return the rows of the articles in ``made`` for a table, as records."""
    table = kind.TABLE  # type: ignore[attr-defined]
    con.execute(f"create or replace temp table rows as select * from {table} where false")
    con.execute(f"insert into temp.rows by name {_selected(kind)}")
    names = ", ".join(field.name for field in dataclasses.fields(kind))
    return [kind(*row) for row in con.execute(f"select {names} from temp.rows").fetchall()]


def _poll(con: duckdb.DuckDBPyConnection, start: dt.date, end: dt.date) -> None:
    """Write a successful poll of each outlet on each day; it covers the previous two days."""
    con.execute(
        "insert into raw.captures by name select md5('poll' || o || day::date)::uuid as capture_id,"
        " 'https://o' || o || '.example/rss' as url, 'feed' as kind, 'f' || o as feed_id, 'o' || o"
        " as publisher_id,"
        " timezone('UTC', day + interval 21 hour) as fetched_at, 'ok' as outcome, false as"
        " is_revisit, 'live' as origin,"
        " timezone('UTC', day - interval 2 day) as covers_from"
        f" from range({OUTLETS}) t(o), generate_series(date '{start}', date '{end}', interval 1"
        f" day) u(day)"
    )


def make_sentences() -> list[str]:
    """Return the sentences of all texts; the result is always the same."""
    rng = random.Random(7)
    with (SEEDS / "theme_phrases.csv").open(encoding="utf-8") as file:
        phrases = [
            row["phrase"]
            for row in csv.DictReader(file)
            if row["language"] == "en" and row["role"] == "include"
        ]
    words = [
        "".join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(VOCABULARY)
    ]
    sentences = []
    for number in range(SENTENCES):
        chosen = [
            words[min(int(rng.paretovariate(0.6)), VOCABULARY - 1)] for _ in range(SENTENCE_WORDS)
        ]
        if number % 4 == 0:
            chosen[rng.randrange(SENTENCE_WORDS)] = rng.choice(phrases)
        sentences.append(" ".join(chosen).capitalize() + ".")
    return sentences
