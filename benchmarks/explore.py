"""Measure the first answers of Explore on a release of invented articles, beside a bare scan of the
texts.

Each line has the seconds of a question that no cache contains, and its ratio to ``contains`` over
all texts in DuckDB alone, which finds fewer words and counts nothing per week. Word frequencies
follow Zipf's law, the first are English function words, and a fifth of the articles is Chinese.

    --articles 100000   articles with texts of their own
    --copies 1          copies of these articles: 10 make a million of them in a fraction of the
    time --folder DIR        folder for the files, which are used again; default: a temporary folder
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tidings.analysis.explore.answers import answer
from tidings.analysis.explore.database import OpenRelease
from tidings.analysis.explore.question import Question, Series
from tidings.analysis.explore.word_index import index_path, update_index
from tidings.base.functions import create_functions
from tidings.storage.lake import quoted
from tidings.storage.release import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS, OUTLETS, THEMES, WORDS, SIGNS = 730, 40, 120, 60_000, 3_000
PARAGRAPHS = 24_000
FUNCTION_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "for",
    "is",
    "that",
    "on",
    "with",
    "as",
    "by",
    "at",
    "from",
    "be",
    "this",
]
_TEXTS = f"""
create temp table words as
select
    rank,
    coalesce(
        {FUNCTION_WORDS}[rank],
        translate(left(md5(rank::varchar), 3 + (rank % 6)), '0123456789', 'ghijklmnop')
    ) as word
from range(1, {WORDS} + 1) as ranks (rank);
create temp table paragraphs as
select paragraph, string_agg(word, ' ') as text
from (select p.range as paragraph, pow({WORDS}, random())::integer as rank
    from range({PARAGRAPHS}) as p, range(60))
inner join words using (rank) group by paragraph;
create temp table sign_paragraphs as
select paragraph, string_agg(chr(19968 + pow({SIGNS}, random())::integer), '') || '。' as text
from (select range as paragraph from range({PARAGRAPHS})), range(120) group by paragraph;
create temp table drawn as
select i, i % 5 = 0 as is_chinese, unnest(range(5)) as n,
    floor(random() * {PARAGRAPHS})::bigint as paragraph
from range($articles) as t (i);
create temp table texts as
select i, is_chinese, string_agg(if(is_chinese, s.text, p.text), chr(10) || chr(10)) as body_text
from drawn inner join paragraphs as p using (paragraph)
inner join sign_paragraphs as s using (paragraph) group by all;
"""
_TABLES = f"""
create table core.articles as
select
    uuid() as article_id, 'outlet' || (i % {OUTLETS}) as publisher_id,
    'https://example.org/' || (copy * $articles + i) as url,
    left(body_text, if(is_chinese, 20, 60)) as title, body_text,
    if(is_chinese, 'zh', 'en') as language,
    date '2024-01-01' + (hash(copy, i) % {DAYS})::integer as published_on,
    null::varchar as excluded_reason,
    md5(copy || '-' || i) as content_hash, null::varchar as translation_key, copy, i
from texts, range($copies) as copies (copy) order by published_on;
create table marts.outlet_daily as
select publisher_id, published_on, count(*) as article_count, 0 as excluded_count, false as is_gap,
    null::varchar as gap_reason
from core.articles group by all;
create table marts.article_stories as
select article_id, md5(copy || '-' || i // 2)::uuid as story_id from core.articles
order by story_id, article_id;
create table marts.article_themes as
select article_id, 'theme' || pow({THEMES}, random())::integer as theme_id,
    random() < 0.4 as is_about, publisher_id,
    published_on, language
from core.articles, range(3) order by published_on;
create table marts.theme_mentions as
select article_id, theme_id, theme_id || '-' || (hash(article_id) % 20) as phrase_id,
    'body_text' as field, 10 as start_offset,
    16 as end_offset, publisher_id, published_on, language
from marts.article_themes, range(2) order by published_on;
create table marts.statements as
select article_id, 'speaker' || (hash(article_id) % 500) as speaker, 'A. Speaker' as speaker_name,
    'person' as speaker_kind,
    0 as start_offset, 20 as end_offset, publisher_id, published_on, language
from core.articles;
create table marts.article_events as
select article_id, first(article_id) over (partition by published_on, i % 9) as event_id,
    published_on as event_day_on
from core.articles;
create table marts.events as
select event_id, 'An event' as title, min(event_day_on) as peak_on from marts.article_events
group by all;
create table measures.theme_peaks (
    theme_id varchar, event_id uuid, start_on date, end_on date, rise_share double,
    article_count bigint
);
create table ref.themes as
select 'theme' || range as theme_id, null::varchar as parent_id, 'Theme ' || range as label_en,
    '' as label_zh, '' as label_de,
    'theme' as kind
from range({THEMES} + 1);
create table ref.theme_phrases as
select distinct phrase_id, theme_id, 'en' as language, phrase_id as phrase
from marts.theme_mentions;
create table ref.publishers as
select 'outlet' || range as publisher_id, 'Outlet ' || range as name,
    if(range % 2 = 0, 'US', 'CN') as country,
    'official' as publisher_type, 'UTC' as time_zone
from range({OUTLETS});
create table ops.releases as
select 'benchmark' as release_id, timestamptz '2026-01-01 00:00:00+00' as released_at,
    1 as snapshot_id,
    'words' as lexicon_version, 'code' as code_version;
"""
_MART = """
create table marts.{name} as
with totals as (select {start} as {column}, sum(article_count)::bigint as total_count
    from marts.outlet_daily group by all),
counts as (
    select theme_id, {start} as {column}, count(*) as article_count,
        count(*) filter (is_about) as about_count
    from marts.article_themes group by all
)
select *, article_count / total_count as mention_share, about_count / total_count as about_share,
    1 as covered_days, true as is_complete
from counts inner join totals using ({column}) order by {column}, theme_id
"""
_MARTS = {
    "theme_daily": ("published_on", "published_on"),
    "theme_weekly": ("week_start_on", "date_trunc('week', published_on)::date"),
    "theme_monthly": ("month_start_on", "date_trunc('month', published_on)::date"),
}


def main() -> None:
    """Build the files and print the times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-explore-") as temporary:
        path = (options.folder or Path(temporary)) / "tidings.duckdb"
        if not path.exists():
            measure(
                "write the release", lambda: write_release(path, options.articles, options.copies)
            )
        if not index_path(path).exists():
            measure(
                "write the index of words",
                lambda: write_index(path, options.articles, options.copies),
            )
        sizes = [name.stat().st_size for name in (path, index_path(path))]
        print(
            f"{options.articles * options.copies:,} articles;"
            f" release {sizes[0] / 1e6:,.0f} MB, index {sizes[1] / sizes[0]:.2f} of it"
        )
        run_questions(path)


def measure(name: str, function: Callable[[], object], baseline: float = 0.0) -> float:
    """Run a function, print its seconds, and return them."""
    began, cpu = time.perf_counter(), time.process_time()
    function()
    seconds = time.perf_counter() - began
    ratio = f"  {seconds / baseline:7.2f} × scan" if baseline else ""
    print(
        f"{name:<44} {seconds:8.3f} s{ratio}  ({time.process_time() - cpu:.3f} s CPU)", flush=True
    )
    return seconds


def write_release(path: Path, articles: int, copies: int) -> None:
    """Write the release file. Copies of an article have other IDs and days."""
    with duckdb.connect(path) as con:
        con.execute("select setseed(0.5)")
        con.execute("".join(f"create schema {schema};" for schema in SCHEMAS))
        numbers = {"articles": articles, "copies": copies}
        for statement in (_TEXTS + _TABLES).split(";\n"):
            if statement.strip():
                con.execute(
                    statement,
                    {name: value for name, value in numbers.items() if f"${name}" in statement},
                )
        for name, (column, start) in _MARTS.items():
            con.execute(_MART.format(name=name, column=column, start=start))
        for schema in ("main", "marts"):
            create_functions(con, schema)


def write_index(path: Path, articles: int, copies: int) -> None:
    """Write the index of the first copy of the articles, and copy its rows for the other copies."""
    if copies == 1:
        update_index(path)
        return
    first = path.with_name("first.duckdb")
    with duckdb.connect(first) as con:
        con.execute(
            f"attach {quoted(str(path))} as release (read_only); create schema core;"
            f" create schema ops"
        )
        con.execute(
            "create table core.articles as from release.core.articles where copy = 0 order"
            " by published_on"
        )
        con.execute("create table ops.releases as from release.ops.releases")
    update_index(first)
    index_path(first).rename(index_path(path))
    with duckdb.connect(index_path(path)) as con:
        con.execute(f"attach {quoted(str(path))} as release (read_only)")
        for copy in range(1, copies):
            con.execute(
                "insert into articles select own.article_no + $copy * $articles, other.article_id,"
                " own.publisher_id,"
                " other.published_on, own.language, own.is_unspaced,"
                " hash(other.content_hash, own.publisher_id, other.published_on, own.language)"
                " from articles as own"
                " inner join release.core.articles as f on own.article_id = f.article_id"
                " inner join release.core.articles as other on f.i = other.i and other.copy = $copy"
                " where own.article_no <= $articles order by 1",
                {"copy": copy, "articles": articles},
            )
            con.execute(
                "insert into places select term_no, article_no + $copy * $articles, place from"
                " places"
                " where article_no <= $articles",
                {"copy": copy, "articles": articles},
            )
        con.execute(
            "update facts set release_id = 'copies', next_no = next_no * $copies, changed_count ="
            " $articles * $copies",
            {"articles": articles, "copies": copies},
        )
    first.unlink()
    measure("sort the index of all copies", lambda: update_index(path))


def _phrase(tokens: list[str], kinds: str) -> str:
    """Return the first words of these kinds in a row: ``f`` for a function word, ``x`` for any
    other.
    """
    found = "".join("f" if token in FUNCTION_WORDS else "x" for token in tokens).index(kinds)
    return " ".join(tokens[found : found + len(kinds)])


def run_questions(path: Path) -> None:
    """Print the seconds of the first answer to each question."""
    with duckdb.connect(path, read_only=True) as con:
        scan = measure(
            "scan: contains(lower(body_text), word)",
            lambda: con.execute(
                "select count(*) from core.articles where contains(lower(body_text), 'policy')"
            ).fetchall(),
        )
    opened: list[OpenRelease] = []
    measure("open the release", lambda: opened.append(OpenRelease(path)), scan)
    release = opened[0]
    body, chinese = (
        row["body_text"]
        for code in ("en", "zh")
        for row in release.rows(f"select body_text from articles where language = '{code}' limit 1")
    )
    tokens = body.split()
    questions = {
        "theme, weeks": Question((Series("theme", "theme1"),)),
        "theme, days, in one country": Question(
            (Series("theme", "theme2"),), by="day", filters={"country": ("CN",)}
        ),
        "theme, stories": Question((Series("theme", "theme3"),), unit="stories"),
        "outlet beside speaker": Question(
            (Series("outlet", "outlet1"), Series("speaker", "speaker7"))
        ),
        "word": Question((Series("words", _phrase(tokens, "x")),)),
        "frequent word": Question(
            (Series("words", max(set(tokens) - set(FUNCTION_WORDS), key=tokens.count)),)
        ),
        "two words": Question((Series("words", " ".join(tokens[10:12])),)),
        "four words": Question((Series("words", " ".join(tokens[30:34])),)),
        "function word": Question((Series("words", "the"),)),
        "phrase with a function word": Question((Series("words", _phrase(tokens, "xfx")),)),
        "phrase with two function words": Question((Series("words", _phrase(tokens, "xffx")),)),
        "two function words": Question((Series("words", "of the"),)),
        "beginning of a word": Question((Series("words", tokens[40][:4] + "*"),)),
        "two Chinese characters": Question((Series("words", chinese[4:6]),)),
        "four Chinese characters": Question((Series("words", chinese[10:14]),)),
        "two scripts": Question((Series("words", f"{tokens[50]}|{chinese[20:22]}"),)),
    }
    for name, question in questions.items():
        for kind in ("series", "articles", "mentions"):
            measure(f"{kind}: {name}", partial(answer, release, kind, question), scan)


if __name__ == "__main__":
    main()
