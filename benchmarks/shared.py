"""Nights in a folder and on PostgreSQL with object storage, side by side: whether all rows are the same, and what they cost.

Real servers on loopback: Debian's PostgreSQL, S3 from moto. Without options the sample newsroom publishes; any other newsroom
with a clock at ``/_clock?now=`` serves too. Every row of every table is compared after each night, at the end every release.

    --first 2026-06-02    the first night's day
    --nights 11           how many
    --feeds CSV           the feed list of another newsroom
    --clock URL           its address
    --hosts H:P,H:P       what of it may be asked on loopback
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import logging
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.flows.nights import contents, night, settings_for
from tests.warehouse.services import debian_postgres, object_storage, shared_address
from tidings import sample
from tidings.sample.serve import start
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.load import read_records
from tidings.warehouse.records import Release
from tidings.warehouse.release import open_release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.flows.settings import Settings

BOTH = ("folder", "shared")


def main() -> int:
    """Return the exit status: 0 where nothing differed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2026, 6, 2))
    parser.add_argument("--nights", type=int, default=11)
    parser.add_argument("--feeds", type=Path)
    parser.add_argument("--clock", default="")
    parser.add_argument("--hosts", default="")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="tidings-shared-", ignore_cleanup_errors=True) as made,
        contextlib.ExitStack() as alive,
    ):
        folder = Path(made)
        pg = alive.enter_context(debian_postgres(folder))
        alive.enter_context(object_storage())
        feeds, hosts, clock, seeds = alive.enter_context(newsroom(options, folder))
        places = dict(zip(BOTH, (str(folder / "alone"), shared_address(pg, folder / "machine")), strict=True))
        settings = {name: settings_for(place, feeds, hosts, seeds) for name, place in places.items()}
        differing = run_nights(settings, clock, options)
        differing += compare_releases(*(one.lake for one in settings.values()))
    print(f"{differing} differences")
    return 1 if differing else 0


@contextlib.contextmanager
def newsroom(options: argparse.Namespace, folder: Path) -> Iterator[tuple[Path, list[str], str, str]]:
    """Give feed list, hosts, the address of the clock and seeds beside Tidings' own: the sample's, or as was asked."""
    if options.feeds:
        yield options.feeds, options.hosts.split(","), options.clock, ""
        return
    with start() as served:
        feeds = folder / "feeds.csv"
        feeds.write_text(served.feeds_csv(), encoding="utf-8")
        homes = list(served.base_urls.values())
        yield feeds, [home.removeprefix("http://") for home in homes], homes[0], str(Path(sample.__file__).parent / "seeds")


def run_nights(settings: dict[str, Settings], clock: str, options: argparse.Namespace) -> int:
    """Do each night in both places, print what it came to, and return how many rows differed."""
    seconds: dict[str, list[float]] = {name: [] for name in BOTH}
    differing = 0
    for number in range(options.nights):
        now = dt.datetime.combine(options.first + dt.timedelta(days=number), dt.time(20), dt.UTC)
        urllib.request.urlopen(f"{clock}/_clock?{urllib.parse.urlencode({'now': now.isoformat()})}", timeout=60).close()
        found = []
        for name in BOTH:
            began = time.monotonic()
            made = night(settings[name], now)
            seconds[name].append(time.monotonic() - began)
            found.append({**contents(settings[name].lake), "of the release": sorted(map(repr, made.row_counts.items()))})
        apart = {
            table: len(set(found[0].get(table, [])) ^ set(found[1].get(table, []))) for table in found[0].keys() | found[1].keys()
        }
        wrong = {table: count for table, count in apart.items() if count}
        differing += sum(wrong.values())
        rows, articles = (sum(map(len, found[0].values())), len(found[0]["core.articles"]))
        print(f"{now:%Y-%m-%d}: {articles} articles, {rows:,} rows in {len(found[0])} tables, differing {wrong or 0}", flush=True)
    for name in BOTH:
        print(f"{name:>8}: {statistics.median(seconds[name]):.1f} s a night (median)")
    return differing


def compare_releases(alone: Lake, shared: Lake) -> int:
    """Read every release of both lakes as it was, print how many there are, and return how many differ."""
    told = []
    for lake in (alone, shared):
        with open_lake(lake, read_only=True) as con:
            releases: list[Release] = read_records(con, Release)
        told.append({one.release_id: _read(lake, one) for one in releases})
    wrong = [name for name in told[0].keys() | told[1].keys() if told[0].get(name) != told[1].get(name)]
    print(f"{len(told[0])} releases read back from each, {len(wrong)} of them differ {sorted(wrong) or ''}")
    return len(wrong)


def _read(lake: Lake, one: Release) -> dict[str, object]:
    with open_release(lake, one.release_id) as con:
        return {
            table: con.execute(f"select count(*), bit_xor(hash(t)) from {table} as t").fetchone()
            for table in one.row_counts
            if table != "ops.releases"
        }


if __name__ == "__main__":
    sys.exit(main())
