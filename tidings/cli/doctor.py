"""``tidings doctor``: check this machine, the settings, the warehouse and the schedule."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from tidings.base.languages.plural import counted
from tidings.base.settings import SettingsError, read_settings
from tidings.cli.doctor_machine import Finding, Level, error, ok, warn
from tidings.cli.terminal import SafeConsole
from tidings.storage.lake import WarehouseError
from tidings.storage.remote_lake import lake_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


COLOURS = {Level.ok: "green", Level.warn: "yellow", Level.error: "bold red"}


def doctor(
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print errors only; without an error, print nothing."),
    ] = False,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every warehouse file completely (minutes for 10 GB)."),
    ] = False,
) -> None:
    """Check this machine, the settings, the reference data, the warehouse and the schedule.

    Each line starts with `ok`, `warn` or `error`. The lines for warnings and errors name the next
    step. The exit status is 1 if there is an error. The command changes nothing, and makes no
    network requests except to your Prefect server.

    With `--deep`, the command also reads every Parquet file, every WARC record and the release
    file, and names each damaged file.
    """
    findings = list(run_checks(deep=deep))
    errors = [finding for finding in findings if finding.level is Level.error]
    console, table = SafeConsole(highlight=False), Table.grid(padding=(0, 2))
    for finding in errors if quiet else findings:
        level, subject, state = finding.level, finding.subject, finding.state
        action = f". {finding.action}" if finding.action else ""
        if console.is_terminal:
            text = Text.assemble(state, (action, "bold"))
            table.add_row(Text(level, COLOURS[level]), subject, text)
        else:
            print(f"{level:<5}  {subject}: {state}{action}")
    if console.is_terminal:
        console.print(table)
    if errors:
        console.print(counted(len(errors), "error"))
        raise typer.Exit(1)


def run_checks(*, deep: bool = False) -> Iterator[Finding]:
    """Yield the findings of all checks. Skip the other checks if the settings are invalid."""
    from tidings.cli.doctor_machine import check_machine, check_seeds
    from tidings.cli.doctor_warehouse import check_lake

    try:
        settings = read_settings()
        lake = lake_of(settings)
    except (SettingsError, WarehouseError) as failure:  # the latter for an invalid lake URL
        yield error(
            "settings",
            str(failure).rstrip("."),
            "Correct the variable. All other checks were skipped.",
        )
        return
    yield from check_machine(settings)
    yield from check_seeds(settings)
    yield from check_lake(lake, dt.datetime.now(dt.UTC), deep=deep)
    yield from check_schedule(os.environ)


PATIENCE = 5  # seconds: the server usually runs on this machine
FINE, UNAUTHORISED, NOT_FOUND = 200, 401, 404
NO_PASSWORD = "This command cannot log in: check the schedule in the UI."  # noqa: S105 - a sentence
START = "Start `tidings serve`."


def check_schedule(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield findings about the Prefect server, which ``tidings serve`` or PREFECT_API_URL provides,
    and about the schedule.
    """
    port = env.get("PREFECT_SERVER_API_PORT") or "4200"
    named = env.get("PREFECT_API_URL")
    if not port.isdigit():
        state = f"PREFECT_SERVER_API_PORT is not a port number: {port!r}"
        yield error("Prefect", state, "Set it to a number, or unset it.")
        return
    url = (named or f"http://127.0.0.1:{port}/api").rstrip("/")
    status, _ = _request(f"{url}/health")
    if status == FINE:
        yield ok("Prefect", f"responds at {url}")
        yield _check_deployment(url)
    elif status == UNAUTHORISED:
        yield warn("Prefect", f"{url} requires a password", NO_PASSWORD)
    elif status:
        remedy = f"Set PREFECT_SERVER_API_PORT to a port other than {port}."
        remedy = "Correct PREFECT_API_URL." if named else remedy
        yield error("Prefect", f"the server at {url} is not a Prefect server", remedy)
    elif named:
        remedy = "Start that server, or unset PREFECT_API_URL."
        yield error("Prefect", f"no server responds at {url}", remedy)
        yield check_crontab()
    elif _is_taken(int(port)):
        remedy = "Set PREFECT_SERVER_API_PORT to another port."
        yield error("Prefect", f"another program uses port {port}", remedy)
    else:
        yield check_crontab()


def _check_deployment(url: str) -> Finding:
    status, deployment = _request(f"{url}/deployments/name/nightly/nightly")
    if status == UNAUTHORISED:  # Prefect's health endpoint needs no password
        return warn("schedule", f"{url} requires a password", NO_PASSWORD)
    if not status:
        remedy = "Read server.log in the subfolder prefect of the data folder."
        return error("schedule", "the server did not respond", remedy)
    if status != FINE:
        is_unknown = status == NOT_FOUND
        state = "has no nightly deployment" if is_unknown else f"responded with status {status}"
        return error("schedule", f"the server {state}", START)
    return _check_plans(deployment)


def _check_plans(deployment: Mapping[str, Any]) -> Finding:
    plans = [entry["schedule"] for entry in deployment.get("schedules", ()) if entry.get("active")]
    if deployment.get("paused") or not plans:
        remedy = "Resume it in the UI: Deployments → nightly."
        return error("schedule", "the schedule of the nightly run is paused", remedy)
    times = ", ".join(
        f"{plan.get('cron') or 'an interval'} ({plan.get('timezone') or 'UTC'})" for plan in plans
    )
    if deployment.get("status") == "NOT_READY":
        return error("schedule", f"{times}, but no process runs the scheduled flows", START)
    return ok("schedule", f"nightly run at {times}")


def check_crontab() -> Finding:
    """Return whether this user's crontab starts the nightly run."""
    listing = ""
    if program := shutil.which("crontab"):
        listing = subprocess.run(  # noqa: S603
            [program, "-l"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
    for line in map(str.strip, listing.splitlines()):
        if "tidings" in line and not line.startswith("#"):
            return ok("schedule", f"crontab: {line}")
    remedy = "Start `tidings serve`, or run `tidings nightly`."
    return warn("schedule", "no nightly run is scheduled", remedy)


def _request(url: str) -> tuple[int, Any]:
    """Return the status and the JSON of a response; 0 and None without a valid response."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:  # noqa: S310 - the user's own server
            return FINE, json.loads(response.read())
    except urllib.error.HTTPError as failure:
        return failure.code, None
    except (OSError, http.client.HTTPException, ValueError):
        return 0, None


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex(("127.0.0.1", port)) == 0
