"""``tidings maintain``: upkeep, once, here."""

from __future__ import annotations

from typing import Annotated

import typer

from tidings.flows.cli.flow_runs import run_flow


def maintain(
    keep_nights: Annotated[
        int, typer.Option(envvar="TIDINGS_KEEP_NIGHTS", min=1, help="Days of nightly releases; month-ends are kept for ever.")
    ] = 35,
    keep_raw_days: Annotated[
        int, typer.Option(envvar="TIDINGS_KEEP_RAW_DAYS", min=0, help="Delete raw files older than this; 0 keeps them for ever.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    now: Annotated[str, typer.Option(help="The instant to reckon from, ISO 8601 with a zone. Empty: the present.")] = "",
) -> None:
    """Merge files, let go of what no kept release needs, vacuum the databases, and say how many bytes that gave back.

    Every kept release stays readable: each is counted again before anything is deleted. A night that is under way is waited
    for. `tidings serve` does it every week.
    """
    run_flow(
        "tidings.flows.maintain:maintain",
        {"keep_nights": keep_nights, "keep_raw_days": keep_raw_days, "dry_run": dry_run, "now": now},
    )
