"""``tidings nightly``: the night, once, here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.flow_runs import run_flow
from flows.cli.places import UserError
from flows.cli.summary import print_summary
from flows.settings import read_instant, read_settings


def nightly(
    feeds: Annotated[
        Path | None, typer.Option(help="A feed list: CSV with feed_id and url. Without it, the registry in seeds/.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The night's instant, ISO 8601 with a zone, as 2026-08-31T22:00:00Z.")] = None,
) -> None:
    """Run the night once: poll, obtain, clean, model, audit, release.

    It is the flow that the schedule runs, and needs no Prefect server. Killed anywhere, the next night finishes it.
    """
    if feeds is not None and not feeds.is_file():
        raise UserError(f"There is no feed list {feeds}.")
    if now:
        read_instant(now)  # a slip is told before anything starts
    run_night(str(feeds.resolve()) if feeds else "", now or "")
    print_summary(read_settings().lake)


def run_night(feeds: str, now: str) -> None:
    """Run the flow of the night beside a Prefect API of its own, or the one that PREFECT_API_URL names."""
    run_flow("flows.nightly:nightly", {"feeds": feeds, "now": now})
