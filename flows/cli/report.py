"""``tidings report``: the report of the last release, written where it is missing or out of date."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tidings.flows.cli.places import reading_lake


def report(
    whole: Annotated[bool, typer.Option("--whole", help="Write every page anew, not only those that changed.")] = False,
) -> None:
    """Write the report of the last release and print the path of its first page.

    It opens from disk in any browser, with no network: `tidings report` prints the path that you open.
    """
    from tidings.flows.report import Manifest, write_report
    from tidings.warehouse.release import open_release

    lake = reading_lake()
    with open_release(lake) as con:
        made = write_report(con, lake.report, Manifest() if whole else None)
    print(
        f"release {made.release_id}: {made.written} of {made.pages} files written, {made.removed} removed",
        file=sys.stderr,
    )
    print(made.index)
