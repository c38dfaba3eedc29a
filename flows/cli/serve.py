"""``tidings serve``: Prefect server, UI, schedule and deployments, until Ctrl-C."""

from __future__ import annotations

import os
from typing import Annotated

import typer


def serve(
    cron: Annotated[str, typer.Option(envvar="TIDINGS_CRON", help="When the night runs.")] = "30 4 * * *",
    zone: Annotated[str, typer.Option(envvar="TIDINGS_ZONE", help="The schedule's time zone.")] = "UTC",
    weekly: Annotated[str, typer.Option(envvar="TIDINGS_MAINTAIN_CRON", help="When the upkeep runs.")] = "0 12 * * 0",
    port: Annotated[int, typer.Option(envvar="PREFECT_SERVER_API_PORT", help="The Prefect server's port.")] = 4200,
) -> None:
    """Start a Prefect server, register and schedule the night, the backfill and the weekly upkeep, and run them until Ctrl-C.

    It uses the server that PREFECT_API_URL names, where it names one. Everything listens on loopback only.
    """
    from flows.serve import serve as serve_deployments

    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    serve_deployments(cron, zone, port, weekly)
