"""``tidings nightly``: the night, once, here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tidings.flows.cli.flow_runs import run_flow
from tidings.flows.cli.places import UserError
from tidings.flows.cli.summary import print_summary
from tidings.flows.settings import read_instant, read_settings
from tidings.flows.stages.prepare import registry_of
from tidings.warehouse.writer_lock import NIGHTLY_LOCK, writer_lock

WEEK = 7 * 86400.0  # seconds


def nightly(
    feeds: Annotated[
        Path | None, typer.Option(help="A feed list: CSV with feed_id and url. Without it, the registry in seeds/.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The night's instant, ISO 8601 with a zone, as 2026-08-31T22:00:00Z.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for a running night to end instead of exiting with an error.")
    ] = False,
) -> None:
    """Run the night once: poll, obtain, clean, model, audit, release.

    The command runs the same flow as the schedule and needs no Prefect server. The next night completes an interrupted one.
    While another night runs on the same warehouse, the command exits with status 1, or waits with `--wait`.
    """
    if feeds is not None and not feeds.is_file():
        raise UserError(f"There is no feed list {feeds}.")
    if now:
        read_instant(now)  # a slip is told before anything starts
    env = {**os.environ, "TIDINGS_FEEDS": str(feeds)} if feeds else os.environ
    registry_of(read_settings(env))
    run_night(str(feeds.resolve()) if feeds else "", now or "", is_patient=wait)
    print_summary(read_settings().lake)


def run_night(feeds: str, now: str, *, is_patient: bool = False) -> None:
    """Run the nightly flow with a Prefect API of its own, or with the API that PREFECT_API_URL names.

    If another night runs on the same warehouse, wait for it if ``is_patient``; else raise LockedError before anything starts.
    """
    with writer_lock(read_settings().lake, name=NIGHTLY_LOCK, patience=WEEK if is_patient else 0):
        pass  # the flow itself takes the lock again, as the scheduled flow does
    run_flow("tidings.flows.nightly:nightly", {"feeds": feeds, "now": now})
