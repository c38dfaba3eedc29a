"""What grows with history, and how: nights, backfills, re-tagging, the release file, questions, bytes and files.

Run it with ``python -m benchmarks.growth [ARTICLES …] [--days DAYS]`` (10,000, 100,000 and 1,000,000 unless told otherwise; add
10,000,000 on a machine with room for it). A history is as long as PACE articles a day make it, so that the night is the same and
only what lies before it is longer; with ``--days`` all histories are as long, and denser the larger. Each measure is fitted as
``size ** slope`` over the sizes: 0 stays, 1 grows as history does. Seconds are the processor's, which a busy machine lengthens
less than the clock's. A night's models are told with and without the rising phrases, which are counted in the texts of the last
28 days, parted as the clock parts them.
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

from benchmarks.histories import LAST_DAY, add_day, build_day, end_of, make_history, release_day
from benchmarks.questions import ask
from tidings.transforms.run import audit
from tidings.warehouse.lake import opened
from tidings.warehouse.reference import lexicon_version
from tidings.warehouse.release import audited_span, last_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.transforms.run import BuildResult
    from tidings.warehouse.lake import Lake

T = TypeVar("T")
SIZES = (10_000, 100_000, 1_000_000)
FAR = 100_000_000
PACE = 1000  # articles a day of a history
NIGHT, NIGHTS = 300, 3
MADE_FROM = 1_000_000_000  # numbers of the articles that are added to a history


def main() -> None:
    """Measure each size, then print what came out, the slope, and what it says of a hundred million articles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--days", type=int, help=f"of every history, in place of one day for {PACE:,} articles")
    asked = parser.parse_args()
    sizes: list[int] = asked.articles
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measure(Path(folder), size, asked.days or max(size // PACE, 1)))
        print(f"{size:,} articles: " + ", ".join(f"{name} {value:,.2f}" for name, value in found[-1].items()), flush=True)
    print(f"\n{'':34}" + "".join(f"{size:>13,}" for size in sizes) + f"{'slope':>8}{f'{FAR:,}':>16}")
    for name in found[0]:
        values = [one[name] for one in found]
        slope, far = fit(sizes, values)
        print(f"{name:34}" + "".join(f"{value:13,.2f}" for value in values) + f"{slope:8.2f}{far:16,.1f}")


def measure(folder: Path, size: int, days: int) -> dict[str, float]:
    """Return all measures of a history of ``size`` articles: seconds, milliseconds for questions, bytes, counts."""
    lake = make_history(folder / "lake", size, days)
    told = {"first build, s": _timed(lambda: build_day(lake, LAST_DAY))[0]}
    told["release file whole, s"], _ = _timed(lambda: release_day(lake, LAST_DAY))
    nights = [_night(lake, number) for number in range(1, NIGHTS + 1)]
    told |= {name: statistics.median(one[name] for one in nights) for name in nights[0]}
    last = LAST_DAY + dt.timedelta(NIGHTS)
    told["models, nothing new, s"], _ = _timed(lambda: build_day(lake, last))
    for number in range(7):
        add_day(lake, LAST_DAY - dt.timedelta(max(days // 2, 7) - number), NIGHT // 10, MADE_FROM + 100_000 + number * NIGHT)
    told["week's backfill: models, s"], _ = _timed(lambda: build_day(lake, last))
    told["re-tag: models, s"] = _retag(lake, last)
    release_day(lake, last)
    for number, (ours, bare) in ask(lake, folder).items():
        told |= {f"question {number}, ms": ours, f"question {number}, over bare Parquet": ours / bare}
    return told | _weigh(lake, folder)


def _night(lake: Lake, number: int) -> dict[str, float]:
    day = LAST_DAY + dt.timedelta(number)
    loaded, _ = _timed(lambda: add_day(lake, day, NIGHT, MADE_FROM + number * NIGHT))
    modelled, built = _timed(lambda: build_day(lake, day))
    with opened(lake, read_only=True) as con:
        lexicon, before = lexicon_version(con), last_release(con)
        since = audited_span(con, before) if before else None
    audited, found = _timed(lambda: audit(lake, as_of=end_of(day), lexicon_version=lexicon, work=lake.work, since=since))
    if found.failed:
        raise SystemExit(f"{found.failed[0].name}: {found.failed[0].message}")
    released, _ = _timed(lambda: release_day(lake, day))
    return {
        "night: rows written, s": loaded,
        "night: models, s": modelled,
        "night: models but candidates, s": modelled * (1 - _of_candidates(built) / built.seconds),
        "night: audit, s": audited,
        "night: release, s": released,
        "night: all, s": loaded + modelled + audited + released,
    }


def _retag(lake: Lake, day: dt.date) -> float:
    """Return the seconds of the models after one phrase was changed to another that texts hold."""
    with opened(lake) as con:
        con.execute("update ref.theme_phrases set match_type = 'prefix' where phrase_id = 'human_rights-en-1'")
    return _timed(lambda: build_day(lake, day))[0]


def _of_candidates(built: BuildResult) -> float:
    return sum(seconds for name, seconds in built.timings.items() if "candidate" in name)


def _weigh(lake: Lake, folder: Path) -> dict[str, float]:
    """Return what an article takes in the lake and beside it, and how many files there are."""
    one = folder / "articles.parquet"
    with opened(lake, read_only=True) as con:
        (count,) = con.execute("select count(*) from core.articles").fetchone() or (0,)
        con.execute(f"copy (from core.articles order by published_on, article_id) to '{one}' (compression zstd)")
        (held,) = con.execute(
            "select sum(data_file_size_bytes) from ducklake_list_files('lake', 'articles', schema => 'core')"
        ).fetchone() or (0,)
    files = [path for path in lake.data_path.rglob("*") if path.is_file()]
    return {
        "bytes an article, core.articles": held / count,
        "core.articles over one Parquet": held / one.stat().st_size,
        "bytes an article, whole lake": sum(path.stat().st_size for path in files) / count,
        "release file, bytes an article": lake.release_file.stat().st_size / count,
        "files": len(files),
        "catalog, MB": lake.catalog.stat().st_size / 1e6,
    }


def fit(sizes: list[int], values: list[float]) -> tuple[float, float]:
    """Return the slope of a measure over sizes on logarithmic scales, and what it comes to at FAR; by least squares."""
    if len(sizes) < 2:
        return math.nan, math.nan
    xs, ys = [math.log(size) for size in sizes], [math.log(max(value, 1e-9)) for value in values]
    line = statistics.linear_regression(xs, ys)
    return line.slope, math.exp(line.intercept + line.slope * math.log(FAR))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of the processor that some work took, and what it returned."""
    started = time.process_time()
    done = work()
    return time.process_time() - started, done


if __name__ == "__main__":
    main()
