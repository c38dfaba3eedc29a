"""``tidings release``: rebuild and release every table, also with a loss that a person accepts."""

from __future__ import annotations

from typing import Annotated

import typer

from tidings.flows.cli.flow_runs import run_flow
from tidings.flows.cli.places import UserError
from tidings.flows.settings import read_instant, read_settings


def release(
    accept_loss: Annotated[
        str | None, typer.Option(metavar="REASON", help="Release although rows are missing, and record this reason.")
    ] = None,
    now: Annotated[str, typer.Option(help="Run time (ISO 8601 with time zone). Empty: the current time.")] = "",
) -> None:
    """Rebuild every table from the stored articles, audit and release, without a request to any source.

    The audit refuses a release that lacks rows of the last release, unless a reprocess, a retag or a forgotten page explains
    the loss. This command restores all rows that can be computed again. If a loss remains, it needs a reason, which
    `ops.releases` stores.
    """
    if accept_loss is not None and not accept_loss.strip():
        raise UserError('--accept-loss needs a reason, such as: tidings release --accept-loss "the archive of 2019 was lost"')
    if now:
        read_instant(now)
    if not read_settings().lake.exists:
        raise UserError(read_settings().lake.why_missing())
    run_flow("tidings.flows.release:release", {"accepted_loss": (accept_loss or "").strip(), "now": now})
