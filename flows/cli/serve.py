"""``tidings serve``: Prefect server, UI, schedule and deployments, until Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from flows.cli import stop
from flows.settings import SettingsError

_INVALID = 3  # exit status
_CHECK = f"""
import sys
from prefect.client.schemas.schedules import CronSchedule
try:
    CronSchedule(cron=sys.argv[1], timezone=sys.argv[2])
except ValueError:
    sys.exit({_INVALID})
"""


def serve(
    cron: Annotated[str, typer.Option(envvar="TIDINGS_CRON", help="When the night runs.")] = "30 4 * * *",
    zone: Annotated[str, typer.Option(envvar="TIDINGS_ZONE", help="The schedule's time zone.")] = "UTC",
    weekly: Annotated[str, typer.Option(envvar="TIDINGS_MAINTAIN_CRON", help="When the upkeep runs.")] = "0 12 * * 0",
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="PREFECT_SERVER_API_PORT", help="The Prefect server's port.")
    ] = 4200,
) -> None:
    """Start a Prefect server, register and schedule the night, the backfill and the weekly upkeep, and run them until Ctrl-C.

    It uses the server that PREFECT_API_URL names, where it names one. Everything listens on loopback only.
    """
    _check_schedule("TIDINGS_CRON", cron, zone)
    _check_schedule("TIDINGS_MAINTAIN_CRON", weekly, zone)
    from flows.serve import serve as serve_deployments

    stop.unwatch()  # it lets runs under way be told before it ends
    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    serve_deployments(cron, zone, port, weekly)
    print(stop.SENTENCE, file=sys.stderr)


def _check_schedule(name: str, cron: str, zone: str) -> None:
    """Raise SettingsError where a schedule or its zone cannot be understood; nothing has started then."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"TIDINGS_ZONE: {zone!r} is not a time zone's IANA name, as Europe/Zurich is.") from None
    # In a process of its own: Prefect reads its settings when it is imported, and the server's URL is not set yet. A runner
    # would then use an API inside this process, whose leases the server does not know, and every night would be cancelled.
    checked = subprocess.run([sys.executable, "-c", _CHECK, cron, zone], check=False, stderr=subprocess.DEVNULL)  # noqa: S603
    if checked.returncode == _INVALID:
        raise SettingsError(f"{name}: {cron!r} is not a cron expression, as '30 4 * * *' is.")
