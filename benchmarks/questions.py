"""A night's build and the ten questions over a long history.

Run it with ``python -m benchmarks.questions [SMALL LARGE]``: it makes two lakes of so many articles (100,000 and 1,000,000
unless told otherwise), builds them, adds three nights of 300 articles to each and times their builds; then a changed phrase; then
the questions of ``docs/questions.md`` on the large one, each beside a bare scan of the same table as Parquet.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb

import transforms
from transforms.plugin import find_extension
from transforms.run import LakeAddress, build

ROOT = Path(transforms.__file__).parent.parent
OUTLETS = 20
THEMES = 90
PHRASES = 400
NIGHT = 300
LAST_DAY = dt.date(2024, 6, 30)
ROUNDS = 7


def main() -> None:
    """Print build times on both histories, and each question's time."""
    small, large = (int(argument) for argument in sys.argv[1:3]) if len(sys.argv) > 2 else (100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        nights = {}
        for count in (small, large):
            root = Path(folder) / str(count)
            con, address = make_lake(root, count)
            first = run(address, root, LAST_DAY)
            nights[count] = [add_night(con, address, root, day) for day in range(1, 4)]
            again = run(address, root, LAST_DAY + dt.timedelta(3))
            con.execute("update ref.theme_phrases set phrase = 'word7 word8' where phrase_id = 'p7'")
            retag = run(address, root, LAST_DAY + dt.timedelta(3), lexicon="v2")
            print(
                f"{count:9,} articles: first build {first:6.1f} s; nights {', '.join(f'{s:.2f}' for s in nights[count])} s;"
                f" again with nothing new {again:.2f} s; one phrase changed {retag:.2f} s"
            )
        ratio = statistics.median(nights[large]) / statistics.median(nights[small])
        print(f"a night on {large:,} takes {ratio:.2f} times one on {small:,}")
        ask(con, Path(folder))


def make_lake(root: Path, count: int) -> tuple[duckdb.DuckDBPyConnection, LakeAddress]:
    """Return a lake of ``count`` articles of some 330 words, a poll an outlet and day, and a list that hits a few in each."""
    root.mkdir()
    options = {
        "DATA_PATH": f"{root}/data/",
        "META_JOURNAL_MODE": "WAL",
        "META_BUSY_TIMEOUT": "30000",
        "DATA_INLINING_ROW_LIMIT": "0",
    }
    con = duckdb.connect()
    for name in ("ducklake", "sqlite_scanner"):
        con.execute(f"load '{find_extension(name)}'")
    address = LakeAddress(f"ducklake:sqlite:{root}/catalog.sqlite", options)
    con.execute(f"attach '{address.path}' as lake ({', '.join(f'{key} {value!r}' for key, value in options.items())})")
    con.execute("use lake")
    con.execute("set TimeZone = 'UTC'")
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    for path in sorted((ROOT / "warehouse" / "migrations").glob("*.sql")):
        con.execute(path.read_text())
    con.execute(
        "insert into ref.publishers (publisher_id, name, time_zone, domains)"
        f" select 'o' || n, 'Outlet ' || n, 'Europe/Berlin', [] from range({OUTLETS}) t(n)"
    )
    con.execute(
        "insert into ref.themes (theme_id, parent_id, label_en, kind)"
        f" select 't' || n, if(n < 20, null, 't' || (n % 20)), 'Theme ' || n, 'theme' from range({THEMES}) t(n)"
    )
    con.execute("update ref.themes set theme_id = 'new_industrialization' where theme_id = 't25'")
    con.execute(
        "insert into ref.theme_phrases (phrase_id, theme_id, language, phrase, match_type, role)"
        f" select 'p' || n, if(n % {THEMES} = 25, 'new_industrialization', 't' || (n % {THEMES})), 'en',"
        f" 'word' || n || ' word' || (n * 7 % 1000), 'phrase', 'include' from range({PHRASES}) t(n)"
    )
    con.execute("insert into ref.baselines (baseline_id, valid_from, valid_to) values ('all', null, null)")
    con.execute(
        "create temp table sentences as select list(text) as texts from"
        " (select string_agg('word' || (random() * 1000)::int, ' ') as text from range(2000) t(s), range(27) u(w) group by s)"
    )
    for part in range(0, count, 100_000):
        add_articles(con, part, min(part + 100_000, count), count)
    con.execute(
        "insert into raw.captures (capture_id, url, kind, feed_id, publisher_id, fetched_at, outcome, covers_from)"
        " select uuid(), 'u', 'feed', 'f' || o, 'o' || o, day + interval 23 hour, 'ok', day - interval 2 day"
        f" from range({OUTLETS}) t(o), generate_series(date '{LAST_DAY}' - 1000, date '{LAST_DAY}' + 3, interval 1 day) u(day)"
    )
    return con, address


def add_articles(con: duckdb.DuckDBPyConnection, start: int, end: int, count: int, last: dt.date = LAST_DAY) -> None:
    """Add articles by number, spread evenly over the thousand days before the last."""
    phrase = f"(hash(n * 31 + s) % {PHRASES})::int"
    con.execute(
        "insert into core.articles (article_id, publisher_id, url, title, body_text, authors, agencies, language, published_at,"
        " published_on, date_quality, first_seen_at, word_count, content_hash, extractor, is_truncated, signature, capture_id)"
        f" select uuid(), 'o' || (hash(n) % {OUTLETS}), 'http://x.example/' || n, 'Title ' || n,"
        f" list_aggregate(list_transform(range(12), lambda s:"
        f" if(hash(n + s) % 4 = 0, 'word' || {phrase} || ' word' || ({phrase} * 7 % 1000)"
        " || ' ', '') || texts[1 + (hash(n * 13 + s) % 2000)::int] || '.'), 'string_agg', ' '),"
        " [], [], 'en', day + interval 9 hour, day, 'exact', day + interval 10 hour, 330, md5(n::varchar), 'bench', false,"
        " list_transform(range(128), lambda s: (hash(n * 128 + s) >> 32)::ubigint), uuid()"
        f" from (select n, date '{last}' - (({count} - 1 - n) * 1000 // {count})::int as day"
        f" from range({start}, {end}) t(n)), sentences"
    )


def add_night(con: duckdb.DuckDBPyConnection, address: LakeAddress, root: Path, night: int) -> float:
    """Add one day's articles and return the seconds that its build took."""
    start = 100_000_000 + night * NIGHT
    add_articles(con, start, start + NIGHT, start + NIGHT, LAST_DAY + dt.timedelta(night))
    return run(address, root, LAST_DAY + dt.timedelta(night))


def run(address: LakeAddress, root: Path, day: dt.date, lexicon: str = "v1") -> float:
    """Return the seconds that a build took, and print its slowest models."""
    as_of = dt.datetime.combine(day, dt.time(23, 30), dt.UTC)
    result = build(address, as_of=as_of, lexicon_version=lexicon, work=root / "work")
    if result.failures:
        raise SystemExit("\n".join(failure.message for failure in result.failures))
    slowest = sorted(result.timings.items(), key=lambda item: -item[1])[:8]
    print("   ", round(result.seconds, 2), ", ".join(f"{name} {seconds:.2f}" for name, seconds in slowest))
    return result.seconds


def ask(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Print each question's median milliseconds on a released file, beside a scan of its table's columns as bare Parquet."""
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    con.execute(f"attach '{folder}/released.duckdb' as file")
    for schema in ("marts", "ref", "ops"):
        con.execute(f"create schema file.{schema}")
        for (table,) in con.execute(
            "select table_name from duckdb_tables() where database_name = 'lake' and schema_name = ?", [schema]
        ).fetchall():
            con.execute(f"create table file.{schema}.{table} as from lake.{schema}.{table} order by all")
            con.execute(f"copy lake.{schema}.{table} to '{folder}/{table}.parquet'")
    con.execute("detach file")
    reader = duckdb.connect(f"{folder}/released.duckdb", read_only=True)
    reader.execute("set search_path = 'marts,ref,ops'")
    for number, query in re.findall(r"^## (\d+)\..*?```sql\n(.*?)```", page, re.DOTALL | re.MULTILINE):
        query = query.replace("sample_gazette", "o3")  # noqa: PLW2901 - the bench's outlets have other names
        bare = re.sub(r"\b(from|join) (\w+)", lambda found: f"{found[1]} '{folder}/{found[2]}.parquet' as {found[2]}", query)
        bare = re.sub(r" as (\w+)( as \w+)", r"\2", bare)
        ours, theirs = _milliseconds(reader, query), _milliseconds(reader, bare)
        print(f"question {number:>2}: {ours:6.1f} ms; over bare Parquet {theirs:6.1f} ms")


def _milliseconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        con.execute(query).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
