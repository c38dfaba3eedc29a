"""Measure the queries in docs/questions.md on a long history, relative to the same queries on plain
Parquet files.

Run it with ``python -m benchmarks.questions [ARTICLES]`` (default: 100,000). growth.py runs the
queries at each size.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks.histories import (
    LAST_DAY,
    annotate_day,
    build_day,
    group_day,
    make_history,
    release_day,
)

if TYPE_CHECKING:
    from tidings.storage.lake import Lake

PAGE = Path(__file__).parent.parent / "docs" / "questions.md"
OUTLET = "o3"  # replaces the outlet in the documentation
ROUNDS = 7


def main() -> None:
    """Create a history, model and release it, and print the time of each query."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        lake = make_history(Path(folder) / "lake", count)
        annotate_day(lake, LAST_DAY)
        group_day(lake, LAST_DAY)
        build_day(lake, LAST_DAY)
        release_day(lake, LAST_DAY)
        for number, (ours, bare) in time_queries(lake, Path(folder)).items():
            print(
                f"query {number:>2}: {ours:7.1f} ms; Parquet {bare:7.1f} ms; ratio"
                f" {ours / bare:.2f}"
            )


def time_queries(lake: Lake, folder: Path) -> dict[int, tuple[float, float]]:
    """Return each query's median milliseconds on the release file and on Parquet files, by
    number.
    """
    reader = duckdb.connect(lake.release_file, read_only=True)
    reader.execute("set search_path = 'marts,core,ref,ops'")
    queries = {
        int(number): query.replace("sample_gazette", OUTLET)
        for number, query in re.findall(
            r"^## (\d+)\..*?```sql\n(.*?)```",
            PAGE.read_text(encoding="utf-8"),
            re.DOTALL | re.MULTILINE,
        )
    }
    tables = {row[0] for row in reader.execute("select table_name from duckdb_tables()").fetchall()}
    used = {
        name for query in queries.values() for name in re.findall(r"\b(?:from|join) (\w+)", query)
    } & tables
    for table in sorted(used):
        reader.execute(f"copy (from {table}) to '{folder}/{table}.parquet' (compression zstd)")
    times = {
        number: (_milliseconds(reader, query), _milliseconds(reader, _bare(query, folder)))
        for number, query in queries.items()
    }
    reader.close()
    return times


def _bare(query: str, folder: Path) -> str:
    """Return a query that reads Parquet files instead of tables, with the same aliases."""
    bare = re.sub(
        r"\b(from|join) (\w+)",
        lambda match: f"{match[1]} '{folder}/{match[2]}.parquet' as {match[2]}",
        query,
    )
    return re.sub(r" as (\w+)( as \w+)", r"\2", bare)


def _milliseconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        con.execute(query).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
