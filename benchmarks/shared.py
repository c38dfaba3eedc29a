"""Compare the rows and the duration of nightly runs in a folder and on PostgreSQL with object
storage.

The servers run on loopback: Debian's PostgreSQL, and S3 from moto. The default source is the sample
newsroom; another newsroom needs a clock at ``/_clock?now=``. All rows are compared after each
night, and all releases at the end.

    --first 2026-06-02    day of the first night
    --nights 11           number of nights
    --feeds CSV           feed list of another newsroom
    --clock URL           its URL
    --hosts H:P,H:P       its hosts on loopback
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
from tests.storage.services import debian_postgres, object_storage, shared_address
from tidings import demo
from tidings.base.records import Release
from tidings.demo.serve import start
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_records
from tidings.storage.release import open_release
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.base.settings import Settings

BOTH = ("folder", "shared")


def main() -> int:
    """Run the comparison and return the exit status: 0 if nothing differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2026, 6, 2))
    parser.add_argument("--nights", type=int, default=11)
    parser.add_argument("--feeds", type=Path)
    parser.add_argument("--clock", default="")
    parser.add_argument("--hosts", default="")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="tidings-shared-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as alive,
    ):
        folder = Path(name)
        pg = alive.enter_context(debian_postgres(folder))
        alive.enter_context(object_storage())
        feeds, hosts, clock, seeds = alive.enter_context(newsroom(options, folder))
        places = dict(
            zip(BOTH, (str(folder / "alone"), shared_address(pg, folder / "machine")), strict=True)
        )
        settings = {
            name: settings_for(place, feeds, hosts, seeds) for name, place in places.items()
        }
        differing = run_nights(settings, clock, options)
        differing += compare_releases(*(release.lake for release in settings.values()))
    print(f"{differing} differences")
    return 1 if differing else 0


@contextlib.contextmanager
def newsroom(
    options: argparse.Namespace, folder: Path
) -> Iterator[tuple[Path, list[str], str, str]]:
    """Yield the feed list, the hosts, the clock's URL and additional seeds: the sample's, or those
    in the options.
    """
    if options.feeds:
        yield options.feeds, options.hosts.split(","), options.clock, ""
        return
    with start() as served:
        feeds = folder / "feeds.csv"
        feeds.write_text(served.feeds_csv(), encoding="utf-8")
        homes = list(served.base_urls.values())
        yield (
            feeds,
            [home.removeprefix("http://") for home in homes],
            homes[0],
            str(Path(demo.__file__).parent / "seeds"),
        )


def run_nights(settings: dict[str, Settings], clock: str, options: argparse.Namespace) -> int:
    """Run each night in both places, print the results, and return the number of different rows."""
    seconds: dict[str, list[float]] = {name: [] for name in BOTH}
    differing = 0
    for number in range(options.nights):
        now = dt.datetime.combine(options.first + dt.timedelta(days=number), dt.time(20), dt.UTC)
        urllib.request.urlopen(
            f"{clock}/_clock?{urllib.parse.urlencode({'now': now.isoformat()})}", timeout=60
        ).close()
        states = []
        for name in BOTH:
            began = time.monotonic()
            released = night(settings[name], now)
            seconds[name].append(time.monotonic() - began)
            states.append(
                {
                    **contents(lake_of(settings[name])),
                    "of the release": sorted(map(repr, released.row_counts.items())),
                }
            )
        differences = {
            table: len(set(states[0].get(table, [])) ^ set(states[1].get(table, [])))
            for table in states[0].keys() | states[1].keys()
        }
        different_rows = {table: count for table, count in differences.items() if count}
        differing += sum(different_rows.values())
        rows, articles = (sum(map(len, states[0].values())), len(states[0]["core.articles"]))
        print(
            f"{now:%Y-%m-%d}: {articles} articles, {rows:,} rows in {len(states[0])} tables,"
            f" differing {different_rows or 0}",
            flush=True,
        )
    for name in BOTH:
        print(f"{name:>8}: {statistics.median(seconds[name]):.1f} s per night (median)")
    return differing


def compare_releases(alone: Lake, shared: Lake) -> int:
    """Compare all releases of both lakes, print the counts, and return the number of different
    releases.
    """
    releases_by_lake = []
    for lake in (alone, shared):
        with open_lake(lake, read_only=True) as con:
            releases: list[Release] = read_records(con, Release)
        releases_by_lake.append({release.release_id: _read(lake, release) for release in releases})
    differing = [
        name
        for name in releases_by_lake[0].keys() | releases_by_lake[1].keys()
        if releases_by_lake[0].get(name) != releases_by_lake[1].get(name)
    ]
    print(
        f"{len(releases_by_lake[0])} releases read back from each, {len(differing)} of them"
        f" differ {sorted(differing) or ''}"
    )
    return len(differing)


def _read(lake: Lake, release: Release) -> dict[str, object]:
    with open_release(lake, release.release_id) as con:
        return {
            table: con.execute(f"select count(*), bit_xor(hash(t)) from {table} as t").fetchone()
            for table in release.row_counts
            if table != "ops.releases"
        }


if __name__ == "__main__":
    sys.exit(main())
