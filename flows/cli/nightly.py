"""``tidings nightly``: the night, once, here."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.flow_runs import run_flow
from flows.cli.places import UserError
from flows.cli.summary import print_summary
from flows.settings import read_settings
from warehouse.lake import Lake


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
    run_night(str(feeds.resolve()) if feeds else "", read_instant(now) if now else None)
    print_summary(Lake(read_settings().warehouse))


def run_night(feeds: str, now: dt.datetime | None) -> None:
    """Run the flow of the night beside a Prefect API of its own, or the one that PREFECT_API_URL names."""
    run_flow("flows.nightly:nightly", {"feeds": feeds, "now": now})


def read_instant(text: str) -> dt.datetime:
    """Return an instant from ISO 8601 with a zone. Raises UserError with one sentence otherwise."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text!r} is no instant: write it as 2026-08-31T22:00:00Z.") from None
    if instant.tzinfo is None:
        raise UserError(f"{text!r} names no zone: write it as 2026-08-31T22:00:00Z.")
    return instant
