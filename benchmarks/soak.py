"""Soak test: simulate many nights on the sample newsroom with weekly maintenance, and measure
growth.

One process runs all nights with a simulated clock, so that leaks are visible. The newsroom
publishes for 90 days; in a longer test, later nights have few or no new items. Slopes are least
squares over the second half of the nights, when the number of kept releases is constant. At the end
all kept releases are read, and maintenance with one kept night measures the cost of the others.
Prefect's database is tested separately, since its clock cannot be set: one flow run with eight task
runs simulates a night, and maintenance deletes runs that ended before the run ``--keep`` runs ago.

    --nights 365    number of nights
    --keep 35       nights with kept releases and runs
    --feeds 2       number of the sample's sources
    --prefect       test Prefect's database instead of the warehouse
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tidings import demo
from tidings.base.records import Release
from tidings.base.settings import Settings, read_settings
from tidings.demo.serve import start
from tidings.flows.prefect_server import prefect_server
from tidings.stages.audit import audit
from tidings.stages.build import model
from tidings.stages.clean import clean
from tidings.stages.obtain import obtain
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.release import release
from tidings.stages.run import Run, start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_records
from tidings.storage.maintain import Retention, delete_old_runs, maintain, vacuum
from tidings.storage.release import open_release
from tidings.storage.writer_lock import writer_lock

FEEDS = ("sample_bulletin_de", "sample_agency_zh", "sample_agency_en", "sample_daily_en")
FIRST = dt.datetime(2026, 6, 2, 20, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class NightMeasures:
    """The measures after one night."""

    night: int
    seconds: float
    memory: int  # resident memory in bytes
    handles: int
    files: int  # of the lake
    lake_bytes: int
    catalog_bytes: int
    release_bytes: int
    releases: int
    snapshots: int
    articles: int


def run_nights(options: argparse.Namespace, folder: Path) -> list[NightMeasures]:
    """Run the nights, with maintenance after every seventh, and return the measures after each."""
    measures: list[NightMeasures] = []
    with start(now=FIRST) as newsroom:
        settings = _settings(
            folder, newsroom.feeds_csv(), list(newsroom.base_urls.values()), FEEDS[: options.feeds]
        )
        for number in range(options.nights):
            now = FIRST + dt.timedelta(days=number)
            newsroom.set_now(now)
            began = time.monotonic()
            run = start_run(settings, now=now, run_id=f"soak-{number}")
            night(run)
            if number % 7 == 6:
                maintain(
                    run.lake,
                    run.now,
                    Retention(nights=options.keep, grace=dt.timedelta(0)),
                    run.log,
                )
            measures.append(_measure(run.lake, number, time.monotonic() - began))
            if options.log:
                _log(options.log, asdict(measures[-1]))
            if options.until and time.time() > options.until:
                break
    return measures


def night(run: Run) -> None:
    """Run the stages of a night in order."""
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    with writer_lock(run.lake):
        model(run)
        release(run, audit(run))


def run_prefect(options: argparse.Namespace, folder: Path) -> list[int]:
    """Run the flow runs, with maintenance of Prefect's database after every seventh, and return its
    size after each.
    """
    database, ended, sizes = folder / "prefect.db", [], []
    for number in range(options.nights):
        remember_run(number)
        ended.append(dt.datetime.now(dt.UTC))
        if number % 7 == 6:
            delete_old_runs(database, ended[max(0, number - options.keep)])
            vacuum(database)
        sizes.append(_size(database))
        if options.log:
            _log(options.log, {"night": number, "prefect_bytes": sizes[-1]})
        if options.until and time.time() > options.until:
            break
    return sizes


def remember_run(number: int) -> None:
    """Add a flow run with eight task runs to Prefect's database."""
    from prefect import flow, task  # noqa: PLC0415 - Prefect reads its variables when it is imported

    @task
    def stage(name: str) -> str:
        return name

    @flow(name="soak")
    def nightly(number: int) -> list[str]:
        return [stage.with_options(name=f"stage{part}")(f"{number} {part}") for part in range(8)]

    nightly(number)


def _settings(folder: Path, listed: str, homes: list[str], names: tuple[str, ...]) -> Settings:
    lines = listed.splitlines()
    feeds = folder / "feeds.csv"
    feeds.write_text(
        "\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[0] in names)]) + "\n",
        encoding="utf-8",
    )
    return read_settings(
        {
            "TIDINGS_WAREHOUSE": str(folder),
            "TIDINGS_FEEDS": str(feeds),
            "TIDINGS_ALLOW_HOSTS": ",".join(home.removeprefix("http://") for home in homes),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_CONTACT": "soak",
            "TIDINGS_WORKERS": "1",
            "TIDINGS_SEEDS": str(Path(demo.__file__).parent / "seeds"),
        }
    )


def _measure(lake: Lake, number: int, seconds: float) -> NightMeasures:
    with open_lake(lake, read_only=True) as con:
        (snapshots,) = con.execute("select count(*) from lake.snapshots()").fetchone() or (0,)
        (releases,) = con.execute("select count(*) from ops.releases").fetchone() or (0,)
        (articles,) = con.execute("select count(*) from core.articles").fetchone() or (0,)
    files = [path for path in lake.data_path.rglob("*") if path.is_file()]
    return NightMeasures(
        number,
        round(seconds, 2),
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        len(files),
        sum(path.stat().st_size for path in files),
        _size(lake.catalog),
        _size(lake.release_file),
        releases,
        snapshots,
        articles,
    )


def _log(path: str, values: dict[str, float]) -> None:
    with Path(path).open("a", encoding="utf-8") as log:
        log.write(json.dumps(values) + "\n")


def _size(path: Path) -> int:
    files = [item for item in (path, path.with_name(path.name + "-wal")) if item.exists()]
    return sum(item.stat().st_size for item in files)


def slope(figures: list[float]) -> float:
    """Return the least-squares slope per night over the second half of the nights."""
    ys = figures[len(figures) // 2 :]
    xs = range(len(ys))
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return (
        sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread
        if spread
        else 0.0
    )


def read_all(lake: Lake) -> tuple[int, list[str]]:
    """Read all kept releases completely, and return their number and the problems."""
    with open_lake(lake, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    problems = []
    for item in releases:
        with open_release(lake, item.release_id) as con:
            for table, count in item.row_counts.items():
                rows = con.execute(
                    f"select count(*), count(hash(t)) from lake.{table} as t"
                ).fetchone()
                if rows is None or rows[0] != count:
                    problems.append(f"{item.release_id}: {table} has {rows} rows, not {count}")
    return len(releases), problems


def main() -> int:
    """Run the soak test and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--keep", type=int, default=35)
    parser.add_argument("--feeds", type=int, default=2)
    parser.add_argument("--prefect", action="store_true")
    parser.add_argument("--log", default="", help="file for one JSON line per night")
    parser.add_argument(
        "--until", type=float, default=0.0, help="stop after this time, in seconds since 1970"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-soak-") as name:
        return (
            soak_prefect(options, Path(name))
            if options.prefect
            else soak_warehouse(options, Path(name))
        )


def soak_prefect(options: argparse.Namespace, folder: Path) -> int:
    """Run the test of Prefect's database, print the growth, and return the exit status."""
    os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
    with prefect_server(folder):
        sizes = run_prefect(options, folder)
    print(
        f"{len(sizes)} runs: finally {sizes[-1]:,} bytes, at most {max(sizes):,},"
        f" {slope(list(map(float, sizes))):,.0f} per run"
    )
    return 0


def soak_warehouse(options: argparse.Namespace, folder: Path) -> int:
    """Run the test of the warehouse, print the growth, and return the exit status: 0 if all kept
    releases are complete.
    """
    measures = run_nights(options, folder)
    last = measures[-1]
    print(
        f"{len(measures)} nights, {last.articles} articles, {last.releases} releases kept,"
        f" {last.snapshots} snapshots"
    )
    for field in (
        "memory",
        "handles",
        "files",
        "lake_bytes",
        "catalog_bytes",
        "release_bytes",
        "seconds",
    ):
        grown = slope([float(getattr(item, field)) for item in measures])
        print(f"{field:>15}: {getattr(last, field):>14,} at the end, {grown:>14,.2f} per night")
    count, problems = read_all(Lake(folder))
    print(f"read {count} kept releases, {len(problems)} with problems")
    for item in problems:
        print(item)
    print(cost_of_releases(folder, last))
    return 1 if problems else 0


def cost_of_releases(folder: Path, last: NightMeasures) -> str:
    """Reduce the kept releases to one night and the month-ends, and return a sentence with the cost
    per dropped release.
    """
    settings = read_settings({"TIDINGS_WAREHOUSE": str(folder), "TIDINGS_CONTACT": "soak"})
    run = start_run(settings, now=FIRST + dt.timedelta(days=last.night), run_id="soak-cost")
    maintain(run.lake, run.now, Retention(nights=10_000, grace=dt.timedelta(0)), run.log)
    before = _measure(run.lake, last.night, 0)
    maintain(run.lake, run.now, Retention(nights=1, grace=dt.timedelta(0)), run.log)
    after = _measure(run.lake, last.night, 0)
    dropped = max(before.releases - after.releases, 1)
    return (
        f"a kept release costs {(before.lake_bytes - after.lake_bytes) / dropped:,.0f} bytes in"
        f" {(before.files - after.files) / dropped:,.1f} files of the lake: {before.releases} took"
        f" {before.lake_bytes:,},"
        f" {after.releases} take {after.lake_bytes:,}"
    )


if __name__ == "__main__":
    sys.exit(main())
