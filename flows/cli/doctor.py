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

from tidings.flows.cli.doctor_machine import Finding, Level, error, ok, warn
from tidings.flows.cli.terminal import SafeConsole
from tidings.flows.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


COLOURS = {Level.ok: "green", Level.warn: "yellow", Level.error: "bold red"}


def doctor(
    only_trouble: Annotated[bool, typer.Option("--quiet", "-q", help="Only what is not in order.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every warehouse file completely (minutes for 10 GB).")] = False,
) -> None:
    """Look at this machine, the settings, the reference data, the warehouse and the schedule, and say what to do.

    `ok` is in order, `look` is good to know, `fix` is missing, broken or stale. The exit status is 1 when anything is to be
    fixed, so that a script can ask. Nothing is changed, and nothing is asked of the network but this machine's own Prefect.

    `--deep` also reads every Parquet file, every WARC record and the release file, and names each damaged file.
    """
    found = list(examine(deep=deep))
    shown = [one for one in found if not (only_trouble and one.level is Level.ok)]
    console = SafeConsole(highlight=False)
    if console.is_terminal:
        table = Table.grid(padding=(0, 2))
        for one in shown:
            told = f"{one.state}. [bold]{one.todo}[/bold]" if one.todo else one.state
            table.add_row(f"[{COLOURS[one.level]}]{one.level}[/]", one.what, told)
        console.print(table)
    else:
        for one in shown:
            print(f"{one.level:<5}  {one.what}: {one.state}{'. ' + one.todo if one.todo else ''}")
    count = sum(one.level is Level.error for one in found)
    if count:
        console.print(f"\n{count} to fix" if console.is_terminal else f"{count} to fix")
        raise typer.Exit(1)


def examine(*, deep: bool = False) -> Iterator[Finding]:
    """Yield all findings, the machine's first; what cannot be looked at for an earlier one's sake is left out."""
    from tidings.flows.cli.doctor_machine import examine_machine, examine_seeds
    from tidings.flows.cli.doctor_warehouse import examine_files, examine_warehouse
    from tidings.flows.cli.lake import find_lake

    try:
        settings = read_settings()
    except SettingsError as failure:
        yield error("settings", str(failure).rstrip("."), "Put the variable right; nothing else was looked at.")
        return
    yield from examine_machine(settings)
    yield from examine_seeds(settings)
    lake = find_lake()
    yield from examine_warehouse(lake, dt.datetime.now(dt.UTC))
    if deep and lake.exists:
        yield from examine_files(lake)
    yield from examine_schedule(os.environ)


PATIENCE = 5  # seconds; the server is on this machine
UNAUTHORISED, NOT_FOUND = 401, 404


def examine_schedule(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is to be said of the server that ``tidings serve`` starts or PREFECT_API_URL names, and of the schedule."""
    port = env.get("PREFECT_SERVER_API_PORT") or "4200"
    named = env.get("PREFECT_API_URL")
    if not port.isdigit():
        yield error("Prefect", f"PREFECT_SERVER_API_PORT is {port!r}, no port", "Set it to a number, or unset it.")
        return
    url = (named or f"http://127.0.0.1:{port}/api").rstrip("/")
    try:
        _ask(f"{url}/health")
    except urllib.error.HTTPError as failure:
        yield _refused(failure.code, url, port, is_named=bool(named))
        return
    except (OSError, http.client.HTTPException, ValueError):
        if named:
            yield error("Prefect", f"nothing answers at {url}", "Start that server, or unset PREFECT_API_URL.")
        elif _is_taken(int(port)):
            yield error("Prefect", f"something else holds port {port}", "Set PREFECT_SERVER_API_PORT to another port.")
            return
        yield examine_crontab()
        return
    yield ok("Prefect", f"answers at {url}")
    yield _examine_deployment(url)


def _refused(code: int, url: str, port: str, *, is_named: bool) -> Finding:
    if code == UNAUTHORISED:
        return warn("Prefect", f"{url} wants a password", "The doctor has none: look at the UI.")
    todo = "Put PREFECT_API_URL right." if is_named else f"Set PREFECT_SERVER_API_PORT to another port than {port}."
    return error("Prefect", f"what answers at {url} is no Prefect server", todo)


def _examine_deployment(url: str) -> Finding:
    try:
        found = _ask(f"{url}/deployments/name/nightly/nightly")
    except urllib.error.HTTPError as failure:
        if failure.code == UNAUTHORISED:  # Prefect's health endpoint needs no password
            return warn("schedule", f"{url} wants a password", "The doctor has none: look at the UI.")
        state = "the server knows no night" if failure.code == NOT_FOUND else f"the server answered {failure.code}"
        return error("schedule", state, "Start `tidings serve`.")
    except (OSError, http.client.HTTPException, ValueError):
        return error("schedule", "the server did not answer", "Look at server.log in the warehouse's prefect folder.")
    plans = [one["schedule"] for one in found.get("schedules", ()) if one.get("active")]
    if found.get("paused") or not plans:
        return error("schedule", "the night's schedule is paused", "Switch it on in the UI, under Deployments → nightly.")
    told = ", ".join(f"{one.get('cron') or 'an interval'} ({one.get('timezone') or 'UTC'})" for one in plans)
    if found.get("status") == "NOT_READY":
        return error("schedule", f"planned at {told}, but nothing serves it", "Start `tidings serve`.")
    return ok("schedule", f"the night runs at {told}")


def examine_crontab() -> Finding:
    """Return whether this user's crontab runs the night, where no server does."""
    program = shutil.which("crontab")
    listed = ""
    if program:
        found = subprocess.run([program, "-l"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - lists only
        listed = found.stdout
    lines = [line.strip() for line in listed.splitlines() if "tidings" in line and not line.lstrip().startswith("#")]
    if lines:
        return ok("schedule", f"crontab: {lines[0]}")
    return warn(
        "schedule", "nothing runs the night by itself", "Start `tidings serve` (docs/serving.md), or run `tidings nightly`."
    )


def _ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - the person's own server
        return json.loads(answer.read())


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex(("127.0.0.1", port)) == 0
