"""A soak: many simulated nights on the sample newsroom with weekly upkeep, and what grows with them.

One process does all nights, its clock injected, so that what leaks shows. The newsroom publishes for 90 days; a longer soak goes
on with evenings on which little or nothing is new. Slopes are least squares over the second half, once the releases that are kept
have reached their number. At the end every kept release is read, and upkeep with one night kept tells what the others cost.
Prefect's own database is soaked by itself, since its clock cannot be set: a flow run with eight task runs stands for a night, and
upkeep forgets what ended before the run that was ``--keep`` runs ago.

    --nights 365    how many
    --keep 35       nights whose releases and runs are kept
    --feeds 2       of the sample's sources
    --prefect       Prefect's database in place of the warehouse
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

from tidings import sample
from tidings.flows.server import prefect_api
from tidings.flows.settings import Settings, read_settings
from tidings.flows.stages.clean import clean
from tidings.flows.stages.maintain import maintain
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.release import audit, model, release
from tidings.flows.stages.run import Run, start_run
from tidings.sample.serve import start
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.load import read_records
from tidings.warehouse.maintain_files import delete_old_runs, vacuum
from tidings.warehouse.maintain_lake import Retention
from tidings.warehouse.records import Release
from tidings.warehouse.release import open_release
from tidings.warehouse.writer_lock import writer_lock

FEEDS = ("sample_bulletin_de", "sample_agency_zh", "sample_agency_en", "sample_daily_en")
FIRST = dt.datetime(2026, 6, 2, 20, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Evening:
    """What there was after a night."""

    night: int
    seconds: float
    memory: int  # bytes, resident
    handles: int
    files: int  # of the lake
    lake_bytes: int
    catalog_bytes: int
    release_bytes: int
    releases: int
    snapshots: int
    articles: int


def run_nights(options: argparse.Namespace, folder: Path) -> list[Evening]:
    """Do the nights, with upkeep every seventh, and return what there was after each."""
    evenings: list[Evening] = []
    with start(now=FIRST) as newsroom:
        settings = _settings(folder, newsroom.feeds_csv(), list(newsroom.base_urls.values()), FEEDS[: options.feeds])
        for number in range(options.nights):
            now = FIRST + dt.timedelta(days=number)
            newsroom.set_now(now)
            began = time.monotonic()
            run = start_run(settings, now=now, run_id=f"soak-{number}")
            night(run)
            if number % 7 == 6:
                maintain(run, Retention(nights=options.keep, raw_days=None, run_days=options.keep, grace=dt.timedelta(0)))
            evenings.append(_look(run.lake, number, time.monotonic() - began))
            if options.log:
                _log(options.log, asdict(evenings[-1]))
            if options.until and time.time() > options.until:
                break
    return evenings


def night(run: Run) -> None:
    """Do a night's stages in their order."""
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    with writer_lock(run.lake):
        model(run)
        release(run, audit(run))


def run_prefect(options: argparse.Namespace, folder: Path) -> list[int]:
    """Do the nights' flow runs, with upkeep of Prefect's database every seventh, and return its bytes after each."""
    database, ended, sizes = folder / "prefect.db", [], []
    for number in range(options.nights):
        remember_run(number)
        ended.append(dt.datetime.now(dt.UTC))
        if number % 7 == 6:
            delete_old_runs(database, ended[max(0, number - options.keep)], dry_run=False)
            vacuum(database, dry_run=False)
        sizes.append(_size(database))
        if options.log:
            _log(options.log, {"night": number, "prefect_bytes": sizes[-1]})
        if options.until and time.time() > options.until:
            break
    return sizes


def remember_run(number: int) -> None:
    """Leave in Prefect's own database what a night's flow with eight stages leaves there."""
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
    feeds.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[0] in names)]) + "\n", encoding="utf-8")
    return read_settings(
        {
            "TIDINGS_WAREHOUSE": str(folder),
            "TIDINGS_FEEDS": str(feeds),
            "TIDINGS_ALLOW_HOSTS": ",".join(home.removeprefix("http://") for home in homes),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_CONTACT": "soak",
            "TIDINGS_WORKERS": "1",
            "TIDINGS_SEEDS": str(Path(sample.__file__).parent / "seeds"),
        }
    )


def _look(lake: Lake, number: int, seconds: float) -> Evening:
    with open_lake(lake, read_only=True) as con:
        (snapshots,) = con.execute("select count(*) from lake.snapshots()").fetchone() or (0,)
        (releases,) = con.execute("select count(*) from ops.releases").fetchone() or (0,)
        (articles,) = con.execute("select count(*) from core.articles").fetchone() or (0,)
    files = [path for path in lake.data_path.rglob("*") if path.is_file()]
    return Evening(
        number,
        round(seconds, 2),
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        len(files),
        sum(path.stat().st_size for path in files),
        _size(lake.catalog),
        _size(lake.release_file),
        releases,
        snapshots,
        articles,
    )


def _log(path: str, told: dict[str, float]) -> None:
    with Path(path).open("a", encoding="utf-8") as log:
        log.write(json.dumps(told) + "\n")


def _size(path: Path) -> int:
    found = [one for one in (path, path.with_name(path.name + "-wal")) if one.exists()]
    return sum(one.stat().st_size for one in found)


def slope(figures: list[float]) -> float:
    """Return the least-squares slope of a figure a night, over the second half of the nights."""
    ys = figures[len(figures) // 2 :]
    xs = range(len(ys))
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


def read_all(lake: Lake) -> tuple[int, list[str]]:
    """Read every kept release whole and return how many there are and what is wrong with any."""
    with open_lake(lake, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    wrong = []
    for one in releases:
        with open_release(lake, one.release_id) as con:
            for table, count in one.row_counts.items():
                rows = con.execute(f"select count(*), count(hash(t)) from lake.{table} as t").fetchone()
                if rows is None or rows[0] != count:
                    wrong.append(f"{one.release_id}: {table} has {rows} rows, not {count}")
    return len(releases), wrong


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--keep", type=int, default=35)
    parser.add_argument("--feeds", type=int, default=2)
    parser.add_argument("--prefect", action="store_true")
    parser.add_argument("--log", default="", help="a file that gets a JSON line a night")
    parser.add_argument("--until", type=float, default=0.0, help="stop after this instant, seconds since 1970")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-soak-") as name:
        return soak_prefect(options, Path(name)) if options.prefect else soak_warehouse(options, Path(name))


def soak_prefect(options: argparse.Namespace, folder: Path) -> int:
    """Soak Prefect's database, print what grew, and return the exit status."""
    os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
    with prefect_api(folder):
        sizes = run_prefect(options, folder)
    print(
        f"{len(sizes)} runs: {sizes[-1]:,} bytes at the end, {max(sizes):,} at most, {slope(list(map(float, sizes))):,.0f} a run"
    )
    return 0


def soak_warehouse(options: argparse.Namespace, folder: Path) -> int:
    """Soak the warehouse, print what grew, and return the exit status: 0 when every kept release could be read."""
    evenings = run_nights(options, folder)
    last = evenings[-1]
    print(f"{len(evenings)} nights, {last.articles} articles, {last.releases} releases kept, {last.snapshots} snapshots")
    for field in ("memory", "handles", "files", "lake_bytes", "catalog_bytes", "release_bytes", "seconds"):
        grown = slope([float(getattr(one, field)) for one in evenings])
        print(f"{field:>15}: {getattr(last, field):>14,} at the end, {grown:>14,.2f} a night")
    count, wrong = read_all(Lake(folder))
    print(f"{count} kept releases read, {len(wrong)} not as released")
    for one in wrong:
        print(one)
    print(cost_of_releases(folder, last))
    return 1 if wrong else 0


def cost_of_releases(folder: Path, last: Evening) -> str:
    """Let upkeep keep one night and the ends of months, and return in a sentence what each release that went had cost."""
    settings = read_settings({"TIDINGS_WAREHOUSE": str(folder), "TIDINGS_CONTACT": "soak"})
    run = start_run(settings, now=FIRST + dt.timedelta(days=last.night), run_id="soak-cost")
    maintain(run, Retention(nights=10_000, raw_days=None, grace=dt.timedelta(0)))
    before = _look(run.lake, last.night, 0)
    maintain(run, Retention(nights=1, raw_days=None, grace=dt.timedelta(0)))
    after = _look(run.lake, last.night, 0)
    gone = max(before.releases - after.releases, 1)
    return (
        f"a kept release costs {(before.lake_bytes - after.lake_bytes) / gone:,.0f} bytes in"
        f" {(before.files - after.files) / gone:,.1f} files of the lake: {before.releases} took {before.lake_bytes:,},"
        f" {after.releases} take {after.lake_bytes:,}"
    )


if __name__ == "__main__":
    sys.exit(main())
