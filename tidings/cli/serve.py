"""``tidings serve``: run the Prefect server, its UI and the schedules."""

import os
import subprocess
import sys
from zoneinfo import ZoneInfo

from typer import Option

from tidings.base.settings import SettingsError, read_settings
from tidings.cli import signals
from tidings.cli.terminal import note
from tidings.storage.remote_lake import lake_of

# 20 for runs, 20 for the server, and less than the 60 after which a container is killed
_STOP_SECONDS = 50
_CHECK = """
import sys
from prefect.client.schemas.schedules import CronSchedule
for place, cron in enumerate(sys.argv[2:]):
    try:
        CronSchedule(cron=cron, timezone=sys.argv[1])
    except ValueError:
        print(place)
"""


def serve(
    cron: str = Option(
        "30 4 * * *", envvar="TIDINGS_CRON", help="Cron schedule of the nightly run."
    ),
    zone: str = Option("UTC", envvar="TIDINGS_ZONE", help="IANA time zone of the schedules."),
    weekly: str = Option(
        "0 12 * * 0",
        envvar="TIDINGS_MAINTAIN_CRON",
        help="Cron schedule of the weekly maintenance.",
    ),
    port: int = Option(
        4200, min=1, max=65535, envvar="PREFECT_SERVER_API_PORT", help="Port of the Prefect server."
    ),
) -> None:
    """Start a Prefect server with its UI, and run scheduled and submitted flows until Ctrl-C.

    The nightly run and the weekly maintenance have schedules. Start backfills in the UI. If
    PREFECT_API_URL names a server, the command uses that server instead of starting one. The server
    listens on loopback only.
    """
    lake_of(read_settings())  # an invalid address ends the command before a server starts
    _check_schedules(zone, [("TIDINGS_CRON", cron), ("TIDINGS_MAINTAIN_CRON", weekly)])
    from tidings.flows.serve import serve as serve_deployments

    signals.extend(_STOP_SECONDS)  # serve handles signals itself, and stops its runs before it ends
    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    serve_deployments(cron, zone, port, weekly)
    note(signals.SENTENCE)


def _check_schedules(zone: str, schedules: list[tuple[str, str]]) -> None:
    """Raise SettingsError for an invalid time zone or the first invalid schedule of a setting."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"TIDINGS_ZONE: {zone!r} is not an IANA time zone name such as Europe/Zurich."
        ) from None
    # In a separate process, because Prefect reads the server's URL on import, and creates a folder.
    # Otherwise a runner would use an API inside this process, and the server cancel every run.
    env = os.environ | {"PREFECT_HOME": str(read_settings().warehouse / "prefect")}
    command = [sys.executable, "-c", _CHECK, zone, *(cron for _, cron in schedules)]
    done = subprocess.run(  # noqa: S603
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True
    )
    for place in done.stdout.split()[:1]:
        name, cron = schedules[int(place)]
        raise SettingsError(f"{name}: {cron!r} is not a cron expression such as '30 4 * * *'.")
