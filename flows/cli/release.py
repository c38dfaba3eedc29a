"""``tidings release``: every table built anew and released, with a loss that a person accepts."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.flow_runs import run_flow
from flows.cli.places import UserError
from flows.settings import read_instant, read_settings


def release(
    accept_loss: Annotated[
        str | None, typer.Option(metavar="REASON", help="Release although rows are missing, and record why they may be.")
    ] = None,
    now: Annotated[str, typer.Option(help="The run's instant, ISO 8601 with a zone. Empty: the present.")] = "",
) -> None:
    """Build every table anew from the stored articles, audit and release, with no request to any source.

    The audit refuses a release that lacks rows of the last one where no reprocess, retag or forgetting explains it. This
    command restores what can be computed again; a loss that remains needs a reason, which `ops.releases` keeps.
    """
    if accept_loss is not None and not accept_loss.strip():
        raise UserError('--accept-loss needs a reason, such as: tidings release --accept-loss "the archive of 2019 was lost"')
    if now:
        read_instant(now)
    if not read_settings().lake.exists:
        raise UserError(f"There is no warehouse in {read_settings().lake.name} yet: run a night first.")
    run_flow("flows.release:release", {"accepted_loss": (accept_loss or "").strip(), "now": now})
