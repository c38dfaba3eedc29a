"""Cleaning on a Dask cluster of this machine beside the pool of processes: whether both give the same, and what they cost.

    python -m benchmarks.cluster WAREHOUSE [--pages 5000] [--workers 2]

The pages are the stored captures of a warehouse, in the order of their times; nothing is written into it. CPU is that of this
process and of all that it started and that has ended.
"""

from __future__ import annotations

import argparse
import functools
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.flows.extract import read_rules
from tidings.flows.server import prefect_api
from tidings.flows.settings import read_settings
from tidings.flows.stages.clean import know, page_of
from tidings.warehouse import pending
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidings.flows.extract import Cleaned, Page, Unclean
    from tidings.warehouse.pending import StoredPage


def main() -> int:
    """Return the exit status: 0 where both gave the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    lake = Lake(options.warehouse)
    waiting = pages_of(lake, options.pages)
    with tempfile.TemporaryDirectory(prefix="tidings-cluster-") as folder, prefect_api(Path(folder)):
        from tidings.flows import cluster  # noqa: PLC0415 - Prefect reads its variables when it is imported

        os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
        found = {
            name: measure(name, functools.partial(cluster.cleaner_of(address), lake.raw, waiting, options.workers))
            for name, address in (("processes", ""), ("cluster", cluster.LOCAL))
        }
    differ = sum(here != there for here, there in zip(*found.values(), strict=True))
    print(f"{len(waiting):,} pages, {options.workers} workers: {differ} of them differ")
    return 1 if differ else 0


def pages_of(lake: Lake, count: int) -> list[tuple[Page, StoredPage]]:
    """Return so many stored pages as a night would give them to be cleaned."""
    rules = read_rules(read_seed("extraction_rules", read_settings({}).seeds, ("rule_id",)))
    with open_lake(lake, read_only=True) as con:
        publishers = pending.publishers(con)
        (first, last) = (
            con.execute("select min(fetched_at)::date - 36500, max(fetched_at)::date from raw.captures").fetchone() or ()
        )
        stored = pending.captures_in_window(con, list(publishers), first, last)[:count]
        knowledge = know(con, rules, [one.capture.url for one in stored])
    return [(page_of(one.capture, knowledge), one) for one in stored]


def measure(name: str, do: Callable[[], Iterable[Cleaned | Unclean]]) -> list[Cleaned | Unclean]:
    """Return what cleaning made of the pages, and print what it cost."""
    began, cpu = time.monotonic(), _cpu()
    found = list(do())
    seconds, used = time.monotonic() - began, _cpu() - cpu
    print(
        f"{name:>10}: {used:.1f} s of CPU, {seconds:.1f} s; {1000 * used / max(len(found), 1):.1f} ms of CPU a page", flush=True
    )
    return found


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


if __name__ == "__main__":
    sys.exit(main())
