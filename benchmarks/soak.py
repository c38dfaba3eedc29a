"""A soak: many simulated nights on the sample newsroom with weekly upkeep, and what grows with them.

One process does all nights, its clock injected, so that what leaks shows. The newsroom publishes for 90 days; a longer soak goes
on with evenings on which little or nothing is new. Slopes are least squares over the second half, once the releases that are kept
have reached their number.

    --nights 365    how many
    --keep 35       days of nightly releases that are kept
    --feeds 2       of the sample's sources
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import sample
from flows.local_server import prefect_api
from flows.settings import Settings, read_settings
from flows.stages.clean import clean
from flows.stages.maintain import maintain
from flows.stages.obtain import obtain
from flows.stages.poll import poll
from flows.stages.prepare import prepare
from flows.stages.release import audit, model, release
from flows.stages.run import Run, start_run
from sample.serve import start
from warehouse.lake import Lake, opened, writing
from warehouse.load import read_records
from warehouse.reading import open_release
from warehouse.records import Release
from warehouse.upkeep import Keep

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
    prefect_bytes: int
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
            if options.prefect:
                remember_run(number)
            if number % 7 == 6:
                maintain(run, Keep(nights=options.keep, raw_days=None, run_days=options.keep, grace=dt.timedelta(0)))
            evenings.append(_look(run.lake, number, time.monotonic() - began))
            if options.log:
                with Path(options.log).open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(evenings[-1])) + "\n")
            if options.until and time.time() > options.until:
                break
    return evenings


def night(run: Run) -> None:
    """Do a night's stages in their order."""
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    with writing(run.lake):
        model(run)
        release(run, audit(run))


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
    with opened(lake, read_only=True) as con:
        (snapshots,) = con.execute("select count(*) from lake.snapshots()").fetchone() or (0,)
        (releases,) = con.execute("select count(*) from ops.releases").fetchone() or (0,)
        (articles,) = con.execute("select count(*) from core.articles").fetchone() or (0,)
    files = [path for path in lake.data_path.rglob("*") if path.is_file()]
    prefect = lake.root / "prefect" / "prefect.db"
    return Evening(
        number,
        round(seconds, 2),
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        len(files),
        sum(path.stat().st_size for path in files),
        _size(lake.catalog),
        _size(prefect),
        _size(lake.release_file),
        releases,
        snapshots,
        articles,
    )


def _size(path: Path) -> int:
    found = [one for one in (path, path.with_name(path.name + "-wal")) if one.exists()]
    return sum(one.stat().st_size for one in found)


def slope(evenings: list[Evening], name: str) -> float:
    """Return the least-squares slope of a figure a night, over the second half of the nights."""
    half = evenings[len(evenings) // 2 :]
    xs, ys = [one.night for one in half], [float(getattr(one, name)) for one in half]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


def read_all(lake: Lake) -> tuple[int, list[str]]:
    """Read every kept release whole and return how many there are and what is wrong with any."""
    with opened(lake, read_only=True) as con:
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
    """Return the exit status: 0 when every kept release could be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--keep", type=int, default=35)
    parser.add_argument("--feeds", type=int, default=2)
    parser.add_argument("--prefect", action="store_true", help="a Prefect flow run with eight task runs a night too")
    parser.add_argument("--log", default="", help="a file that gets a JSON line a night")
    parser.add_argument("--until", type=float, default=0.0, help="stop after this instant, seconds since 1970")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidings-soak-") as name:
        folder = Path(name)
        os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
        with prefect_api(folder / "prefect") if options.prefect else contextlib.nullcontext():
            evenings = run_nights(options, folder)
        last = evenings[-1]
        print(f"{len(evenings)} nights, {last.articles} articles, {last.releases} releases kept, {last.snapshots} snapshots")
        for field in ("memory", "handles", "files", "lake_bytes", "catalog_bytes", "prefect_bytes", "release_bytes", "seconds"):
            print(f"{field:>15}: {getattr(last, field):>14,} at the end, {slope(evenings, field):>14,.2f} a night")
        print(
            f"a kept release costs {last.lake_bytes / max(last.releases, 1):,.0f} bytes of the lake's files,"
            f" {last.files / max(last.releases, 1):,.1f} files"
        )
        count, wrong = read_all(Lake(folder))
        print(f"{count} kept releases read, {len(wrong)} not as released")
        for one in wrong:
            print(one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
