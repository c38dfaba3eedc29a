"""Measure the CPU seconds of commands on a warehouse of a hundred articles, relative to Prefect and
dbt without Tidings.

Run it with ``python -m benchmarks.small_nights [--runs N] [--articles COUNT]``. Each command runs
as users run it, on a copy of the same warehouse of the sample newsroom, with DuckDB on one thread.
Seconds are user and system time of the command and all its child processes, as medians of N runs.
"imports" are the start of the interpreter and the imports of the command's own process in any
stage; the stages do not include them. "Prefect's API process" is zero if the API is a part of the
command's process.

The baselines are a Prefect flow of as many empty tasks with the same temporary API, and ``dbt run``
of an empty project.

For the models of a night on large warehouses, run ``TIDINGS_THREADS=1 python -m benchmarks.growth
100000 1000000``: the line "night: models, s" contains the CPU seconds for each size. Their ratio is
ten to the power of the slope.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import ctypes
import datetime as dt
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks import stage_seconds
from benchmarks.stage_seconds import IMPORTS, PROCESSES, REST, STAGES
from tidings import demo
from tidings.demo.serve import start
from tidings.storage.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidings.demo.serve import Newsroom

SOURCES = (
    ("gazette", "en"),
    ("agency", "en"),
    ("agency", "zh"),
    ("daily", "en"),
    ("bulletin", "de"),
)
FEEDS = {f"sample_{outlet}_{language}" for outlet, language in SOURCES}
NEW = 93  # articles of the third case
PHRASE, THEME = "storage space", "food_security"
# prctl(2): this process becomes the parent of processes that a command leaves
PR_SET_CHILD_SUBREAPER = 36
BIN = Path(sys.executable).parent
ARTICLES = "select count(*) from core.articles"
MENTIONS = (
    f"select count(*) from marts.theme_mentions join ref.theme_phrases using (phrase_id)"
    f" where phrase = '{PHRASE}'"
)
ROWS = {  # printed rows → measured parts
    "Prefect's API process": (PROCESSES,),
    "imports": (IMPORTS,),
    "prepare": ("prepare",),
    "poll, obtain, clean": ("poll", "obtain", "clean"),
    "models": ("model",),
    "audit": ("audit",),
    "release": ("release",),
    "report and rest": ("report", REST),
}
TARGETS = (8, 15, 19, 15)  # seconds of each case
FLOW = f"""
import sys
from pathlib import Path
from tidings.flows.prefect_server import prefect_server

with prefect_server(Path(sys.argv[1])):
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE

    tasks = [task(lambda: None, name=name, cache_policy=NO_CACHE) for name in {STAGES}]

    @flow
    def empty():
        for run_task in tasks:
            run_task()

    empty()
"""
PROJECT = {
    "dbt_project.yml": "{name: empty, version: '1.0', profile: empty, flags:"
    " {send_anonymous_usage_stats: false}}\n",
    "profiles.yml": "empty: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:', threads:"
    " 1}}}\n",
}


class Bench:
    """A folder with a warehouse, its feed list, the user's seeds and the two baselines."""

    def __init__(self, folder: Path, newsroom: Newsroom) -> None:
        self.folder, self.newsroom = folder, newsroom
        self.lake, self.seeds, self.feeds = (
            Lake(folder / "warehouse"),
            folder / "seeds",
            folder / "feeds.csv",
        )
        rows = list(csv.DictReader(io.StringIO(newsroom.feeds_csv())))
        with self.feeds.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(row for row in rows if row["feed_id"] in FEEDS)
        (folder / "empty.py").write_text(FLOW, encoding="utf-8")
        (folder / "dbt").mkdir()
        for name, text in PROJECT.items():
            (folder / "dbt" / name).write_text(text, encoding="utf-8")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TIDINGS_", "PREFECT_", "DBT_"))
        }
        self.env = kept | {
            "TIDINGS_WAREHOUSE": str(self.lake.root),
            "TIDINGS_ALLOW_HOSTS": ",".join(
                home.removeprefix("http://") for home in newsroom.base_urls.values()
            ),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_THREADS": "1",
            "TIDINGS_SEEDS": os.pathsep.join(
                [str(Path(demo.__file__).parent / "seeds"), str(self.seeds)]
            ),
        }

    def restore(self) -> None:
        """Restore the warehouse and the seeds from the copies that ``keep`` made."""
        for path in (self.lake.root, self.seeds):
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(path.with_suffix(".kept"), path)

    def keep(self) -> None:
        """Copy the warehouse and the seeds."""
        for path in (self.lake.root, self.seeds):
            shutil.copytree(path, path.with_suffix(".kept"))

    def nightly(self, now: dt.datetime, clock: dt.datetime) -> dict[str, float]:
        """Run a nightly run at ``now``, while the newsroom has published the items until ``clock``;
        return its CPU seconds.
        """
        self.newsroom.set_now(clock)
        return self.run(BIN / "tidings", "nightly", "--feeds", self.feeds, "--now", now.isoformat())

    def accept(self, now: dt.datetime) -> dict[str, float]:
        """Accept a phrase, which tags the articles again and makes a release, and return the CPU
        seconds.
        """
        options = (
            "--lang",
            "en",
            "--accept",
            "--theme",
            THEME,
            "--reviewer",
            "A. Reader",
            "--now",
            now.isoformat(),
        )
        return self.run(BIN / "tidings", "phrase", PHRASE, *options)

    def run(self, script: Path, *arguments: str | Path) -> dict[str, float]:
        """Run a script and return its CPU seconds by part. Exit if it fails."""
        file = self.folder / "seconds.json"
        before = _children_seconds()
        command = [sys.executable, stage_seconds.__file__, file, script, *arguments]
        result = subprocess.run(
            command, env=self.env, cwd=self.folder, capture_output=True, text=True, check=False
        )
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()  # for processes that the command has left, to count their seconds too
        total = _children_seconds() - before
        if result.returncode:
            raise SystemExit(
                f"{script.name} failed:\n{result.stdout[-1000:]}\n{result.stderr[-3000:]}"
            )
        spent: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        # with the end of the interpreter
        return spent | {REST: spent[REST] + total - sum(spent.values())}

    def count(self, query: str) -> int:
        """Return the only value of a query on the release file."""
        with duckdb.connect(self.lake.release_file, read_only=True) as con:
            return int((con.execute(query).fetchone() or (0,))[0])


def main() -> None:
    """Measure all cases and baselines, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--articles", type=int, default=100, help="approximate number of articles in the warehouse"
    )
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="tidings-small-") as name, start() as newsroom:
        bench = Bench(Path(name), newsroom)
        first, later = (
            day_of(newsroom, count) for count in (options.articles, options.articles + NEW)
        )
        bench.seeds.mkdir()
        if missing := set(STAGES) - bench.nightly(first, first).keys():
            raise SystemExit(f"Stages not found in tidings.stages: {', '.join(sorted(missing))}.")
        bench.keep()
        articles = bench.count(ARTICLES)
        columns = measure(bench, first, later, options.runs)
    print(f"\n{articles} articles; CPU seconds, medians of {options.runs}, DuckDB on one thread\n")
    print_table(columns)


def day_of(newsroom: Newsroom, count: int) -> dt.datetime:
    """Return the end of the day on which the sources publish their article number ``count``. Exit
    if there are fewer articles.
    """
    times = sorted(
        article.published_at
        for article in newsroom.truth.articles
        if (article.outlet, article.language) in SOURCES and article.is_in_feed
    )
    if count > len(times):
        raise SystemExit(
            f"The sources have only {len(times)} articles. Use --articles"
            f" {len(times) - NEW} or fewer."
        )
    return dt.datetime.combine(times[count - 1].astimezone(dt.UTC), dt.time(23), dt.UTC)


def measure(
    bench: Bench, first: dt.datetime, later: dt.datetime, runs: int
) -> dict[str, dict[str, float]]:
    """Return the median CPU seconds of each case and baseline by part, and print the effects of the
    cases.
    """
    day = dt.timedelta(days=1)
    cases: dict[str, Callable[[], dict[str, float]]] = {
        "the same instant again": lambda: bench.nightly(first, first),
        "next day, nothing new": lambda: bench.nightly(first + day, first),
        f"{NEW} new articles": lambda: bench.nightly(later, later),
        "a phrase accepted": lambda: bench.accept(first),
    }
    baselines: dict[str, Callable[[], dict[str, float]]] = {
        "(a) Prefect alone": lambda: bench.run(bench.folder / "empty.py", bench.folder / "prefect"),
        "(b) dbt alone": lambda: bench.run(
            BIN / "dbt", "run", "--quiet", "--project-dir", "dbt", "--profiles-dir", "dbt"
        ),
    }
    for work in baselines.values():
        work()  # creates Prefect's database and dbt's parse results, which the warehouse contains
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in (*cases, *baselines)}
    for _ in range(runs):
        # alternate, so that other programs slow all equally
        for name, work in (cases | baselines).items():
            bench.restore()
            measured[name].append(work())
            if name in cases:
                print(
                    f"{name}: {bench.count(ARTICLES)} articles, {bench.count(MENTIONS)} mentions"
                    f" of “{PHRASE}”",
                    flush=True,
                )
    return {name: medians(results) for name, results in measured.items()}


def medians(measured: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the median of each printed row, and of the sums."""
    rows = [
        {row: sum(run.get(part, 0) for part in parts) for row, parts in ROWS.items()}
        for run in measured
    ]
    return {row: statistics.median(run[row] for run in rows) for row in ROWS} | {
        "sum": statistics.median(sum(run.values()) for run in rows)
    }


def print_table(columns: dict[str, dict[str, float]]) -> None:
    """Print a row for each part, the sums, the targets, and the sums as ratios to the first
    baseline.
    """
    bare = columns["(a) Prefect alone"]["sum"]
    lines = {row: [f"{column[row]:.2f}" for column in columns.values()] for row in (*ROWS, "sum")}
    lines["target"] = [f"{target}" for target in TARGETS]
    lines["ratio to (a)"] = [f"{column['sum'] / bare:.2f}" for column in columns.values()]
    print(f"{'':22}" + "  ".join(columns))
    for row, values in lines.items():
        print(
            f"{row:22}"
            + "  ".join(
                f"{value:>{len(name)}}" for name, value in zip(columns, values, strict=False)
            )
        )


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
