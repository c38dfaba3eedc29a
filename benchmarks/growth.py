"""Measure how nights, backfills, re-tagging, release files, queries and storage grow with the
number of articles.

Run it with ``python -m benchmarks.growth [ARTICLES …] [--days DAYS]``. The default sizes are
10,000, 100,000 and 1,000,000 articles; 10,000,000 need a large disk. A history has PACE articles
per day, so that larger histories are longer and the measured night is the same; with ``--days`` all
histories have the same length, and larger ones have more articles per day. Each measure is fitted
as ``size ** slope``: slope 0 is constant, slope 1 is linear. Seconds are CPU time, which depends
less on the machine's load.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.histories import (
    LAST_DAY,
    add_day,
    annotate_day,
    build_day,
    end_of,
    group_day,
    make_history,
    release_day,
)
from benchmarks.questions import time_queries
from tidings.stages.audit import run_tests
from tidings.storage.lake import open_lake

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.storage.lake import Lake

T = TypeVar("T")
SIZES = (10_000, 100_000, 1_000_000)
EXTRAPOLATED = 100_000_000
PACE = 1000  # articles per day
NIGHT, NIGHTS = 300, 3
MADE_FROM = 1_000_000_000  # first number of articles that are added to a history


def main() -> None:
    """Measure each size, and print the measures, their slopes and extrapolations to 100 million
    articles.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", nargs="*", type=int, default=list(SIZES))
    parser.add_argument(
        "--days",
        type=int,
        help=f"length of all histories in days, instead of {PACE:,} articles per day",
    )
    options = parser.parse_args()
    sizes: list[int] = options.articles
    results = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            results.append(measure(Path(folder), size, options.days or max(size // PACE, 1)))
        print(
            f"{size:,} articles: "
            + ", ".join(f"{name} {value:,.2f}" for name, value in results[-1].items()),
            flush=True,
        )
    print(
        f"\n{'':34}"
        + "".join(f"{size:>13,}" for size in sizes)
        + f"{'slope':>8}{f'{EXTRAPOLATED:,}':>16}"
    )
    for name in results[0]:
        values = [result[name] for result in results]
        slope, extrapolated = fit(sizes, values)
        print(
            f"{name:34}"
            + "".join(f"{value:13,.2f}" for value in values)
            + f"{slope:8.2f}{extrapolated:16,.1f}"
        )


def measure(folder: Path, size: int, days: int) -> dict[str, float]:
    """Return the measures of a history with ``size`` articles: seconds, milliseconds per query,
    bytes, counts.
    """
    lake = make_history(folder / "lake", size, days)
    measures = {f"first {part}, s": seconds for part, seconds in _work(lake, LAST_DAY).items()}
    measures["release file whole, s"], _ = _timed(lambda: release_day(lake, LAST_DAY))
    nights = [_night(lake, number) for number in range(1, NIGHTS + 1)]
    measures |= {name: statistics.median(night[name] for night in nights) for name in nights[0]}
    last = LAST_DAY + dt.timedelta(NIGHTS)
    measures |= {f"nothing new: {part}, s": value for part, value in _work(lake, last).items()}
    for number in range(7):
        add_day(
            lake,
            LAST_DAY - dt.timedelta(max(days // 2, 7) - number),
            NIGHT // 10,
            MADE_FROM + 100_000 + number * NIGHT,
        )
    measures |= {f"backfill of a week: {part}, s": n for part, n in _work(lake, last).items()}
    measures |= {f"changed phrase: {part}, s": n for part, n in _retag(lake, last).items()}
    release_day(lake, last)
    for number, (ours, bare) in time_queries(lake, folder).items():
        measures |= {
            f"query {number}, ms": ours,
            f"query {number}, relative to Parquet": ours / bare,
        }
    return measures | _weigh(lake, folder)


def _night(lake: Lake, number: int) -> dict[str, float]:
    day = LAST_DAY + dt.timedelta(number)
    loaded, _ = _timed(lambda: add_day(lake, day, NIGHT, MADE_FROM + number * NIGHT))
    parts = _work(lake, day)
    audited, audit_result = _timed(lambda: run_tests(lake, as_of=end_of(day)))
    if audit_result.failed:
        raise SystemExit(str(audit_result.failed[0]))
    released, _ = _timed(lambda: release_day(lake, day))
    parts |= {"audit": audited, "release": released}
    return {
        "night: rows written, s": loaded,
        **{f"night: {part}, s": seconds for part, seconds in parts.items()},
        "night: all, s": loaded + sum(parts.values()),
    }


def _work(lake: Lake, day: dt.date) -> dict[str, float]:
    """Return the CPU seconds of the stages between articles and tables on a day."""
    return {
        "annotation": _timed(lambda: annotate_day(lake, day))[0],
        "groups": _timed(lambda: group_day(lake, day))[0],
        "models": _timed(lambda: build_day(lake, day))[0],
    }


def _retag(lake: Lake, day: dt.date) -> dict[str, float]:
    """Return the CPU seconds of the stages after a change of one phrase that occurs in texts."""
    with open_lake(lake) as con:
        con.execute(
            "update ref.theme_phrases set match_type = 'prefix' where phrase_id ="
            " 'human_rights-en-1'"
        )
    return _work(lake, day)


def _weigh(lake: Lake, folder: Path) -> dict[str, float]:
    """Return the bytes per article in the lake and in the release file, and the number of files."""
    file = folder / "articles.parquet"
    with open_lake(lake, read_only=True) as con:
        (count,) = con.execute("select count(*) from core.articles").fetchone() or (0,)
        con.execute(
            f"copy (from core.articles order by published_on, article_id) to '{file}'"
            f" (compression zstd)"
        )
        (stored_bytes,) = con.execute(
            "select sum(data_file_size_bytes) from ducklake_list_files('lake', 'articles', schema"
            " => 'core')"
        ).fetchone() or (0,)
    files = [path for path in lake.data_path.rglob("*") if path.is_file()]
    return {
        "bytes per article, core.articles": stored_bytes / count,
        "core.articles, relative to Parquet": stored_bytes / file.stat().st_size,
        "bytes per article, whole lake": sum(path.stat().st_size for path in files) / count,
        "release file, bytes per article": lake.release_file.stat().st_size / count,
        "files": len(files),
        "catalog, MB": lake.catalog.stat().st_size / 1e6,
    }


def fit(sizes: list[int], values: list[float]) -> tuple[float, float]:
    """Return the least-squares slope of a measure on logarithmic scales, and its extrapolation to
    FAR.
    """
    if len(sizes) < 2:
        return math.nan, math.nan
    xs, ys = [math.log(size) for size in sizes], [math.log(max(value, 1e-9)) for value in values]
    line = statistics.linear_regression(xs, ys)
    return line.slope, math.exp(line.intercept + line.slope * math.log(EXTRAPOLATED))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Call a function and return its CPU seconds and its result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


if __name__ == "__main__":
    main()
