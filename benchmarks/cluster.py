"""Compare the results and the CPU time of cleaning with worker processes and with a Dask cluster on
this machine.

    python -m benchmarks.cluster WAREHOUSE [--pages 5000] [--workers 2]

The pages are the oldest stored captures of a warehouse, which is not changed. CPU time includes
this process and all its ended child processes.
"""

from __future__ import annotations

import argparse
import functools
import math
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.base.budget import Ledger
from tidings.base.records import Publisher
from tidings.base.settings import read_settings
from tidings.extraction import read_rules
from tidings.flows.cluster import LOCAL, spread_of
from tidings.stages.clean import clean_pages, page_of, read_inputs
from tidings.storage import pending
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_by_key
from tidings.storage.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidings.extraction import Cleaned, Page, Unclean
    from tidings.storage.pending import StoredPage


def main() -> int:
    """Compare both and return the exit status: 0 if all results are equal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    lake = Lake(options.warehouse)
    pages = pages_of(lake, options.pages)
    results = {
        name: measure(
            name,
            functools.partial(
                clean_pages,
                lake.raw,
                pages,
                options.workers,
                Ledger(math.inf),
                log=print,
                spread=spread_of(address),
            ),
        )
        for name, address in (("processes", ""), ("cluster", LOCAL))
    }
    differ = sum(here != there for here, there in zip(*results.values(), strict=True))
    print(f"{len(pages):,} pages, {options.workers} workers: {differ} of them differ")
    return 1 if differ else 0


def pages_of(lake: Lake, count: int) -> list[tuple[Page, StoredPage]]:
    """Return up to ``count`` stored pages in the form in which a nightly run cleans them."""
    rules = read_rules(read_seed("extraction_rules", read_settings({}).seeds))
    with open_lake(lake, read_only=True) as con:
        publishers = read_by_key(con, Publisher)
        (first, last) = (
            con.execute(
                "select min(fetched_at)::date - 36500, max(fetched_at)::date from raw.captures"
            ).fetchone()
            or ()
        )
        stored = pending.captures_in_window(con, list(publishers), first, last)[:count]
        inputs = read_inputs(con, rules, [page.capture.url for page in stored])
    return [(page_of(page.capture, inputs), page) for page in stored]


def measure(
    name: str, clean: Callable[[], Iterable[tuple[Page, StoredPage, Cleaned | Unclean]]]
) -> list[Cleaned | Unclean]:
    """Return the cleaning results and print the CPU time."""
    began, cpu = time.monotonic(), _cpu()
    results = [result for _, _, result in clean()]
    seconds, used = time.monotonic() - began, _cpu() - cpu
    print(
        f"{name:>10}: {used:.1f} s of CPU, {seconds:.1f} s;"
        f" {1000 * used / max(len(results), 1):.1f} ms of CPU per page",
        flush=True,
    )
    return results


def _cpu() -> float:
    usages = (
        resource.getrusage(process) for process in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    sys.exit(main())
