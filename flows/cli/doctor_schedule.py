"""What the doctor says of the schedule: is a Prefect server here, is the night planned, is anything serving it."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from tidings.flows.cli.findings import fix, look, well

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tidings.flows.cli.findings import Finding

PATIENCE = 5  # seconds; the server is on this machine
UNAUTHORISED, NOT_FOUND = 401, 404


def examine_schedule(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is to be said of the server that ``tidings serve`` starts or PREFECT_API_URL names, and of the schedule."""
    port = env.get("PREFECT_SERVER_API_PORT") or "4200"
    named = env.get("PREFECT_API_URL")
    if not port.isdigit():
        yield fix("Prefect", f"PREFECT_SERVER_API_PORT is {port!r}, no port", "Set it to a number, or unset it.")
        return
    url = (named or f"http://127.0.0.1:{port}/api").rstrip("/")
    try:
        _ask(f"{url}/health")
    except urllib.error.HTTPError as error:
        yield _refused(error.code, url, port, is_named=bool(named))
        return
    except (OSError, http.client.HTTPException, ValueError):
        if named:
            yield fix("Prefect", f"nothing answers at {url}", "Start that server, or unset PREFECT_API_URL.")
        elif _is_taken(int(port)):
            yield fix("Prefect", f"something else holds port {port}", "Set PREFECT_SERVER_API_PORT to another port.")
            return
        yield examine_crontab()
        return
    yield well("Prefect", f"answers at {url}")
    yield _examine_deployment(url)


def _refused(code: int, url: str, port: str, *, is_named: bool) -> Finding:
    if code == UNAUTHORISED:
        return look("Prefect", f"{url} wants a password", "The doctor has none: look at the UI.")
    todo = "Put PREFECT_API_URL right." if is_named else f"Set PREFECT_SERVER_API_PORT to another port than {port}."
    return fix("Prefect", f"what answers at {url} is no Prefect server", todo)


def _examine_deployment(url: str) -> Finding:
    try:
        found = _ask(f"{url}/deployments/name/nightly/nightly")
    except urllib.error.HTTPError as error:
        if error.code == UNAUTHORISED:  # Prefect's health endpoint needs no password
            return look("schedule", f"{url} wants a password", "The doctor has none: look at the UI.")
        state = "the server knows no night" if error.code == NOT_FOUND else f"the server answered {error.code}"
        return fix("schedule", state, "Start `tidings serve`.")
    except (OSError, http.client.HTTPException, ValueError):
        return fix("schedule", "the server did not answer", "Look at server.log in the warehouse's prefect folder.")
    plans = [one["schedule"] for one in found.get("schedules", ()) if one.get("active")]
    if found.get("paused") or not plans:
        return fix("schedule", "the night's schedule is paused", "Switch it on in the UI, under Deployments → nightly.")
    told = ", ".join(f"{one.get('cron') or 'an interval'} ({one.get('timezone') or 'UTC'})" for one in plans)
    if found.get("status") == "NOT_READY":
        return fix("schedule", f"planned at {told}, but nothing serves it", "Start `tidings serve`.")
    return well("schedule", f"the night runs at {told}")


def examine_crontab() -> Finding:
    """Return whether this user's crontab runs the night, where no server does."""
    program = shutil.which("crontab")
    listed = ""
    if program:
        found = subprocess.run([program, "-l"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - lists only
        listed = found.stdout
    lines = [line.strip() for line in listed.splitlines() if "tidings" in line and not line.lstrip().startswith("#")]
    if lines:
        return well("schedule", f"crontab: {lines[0]}")
    return look(
        "schedule", "nothing runs the night by itself", "Start `tidings serve` (docs/serving.md), or run `tidings nightly`."
    )


def _ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - the person's own server
        return json.loads(answer.read())


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex(("127.0.0.1", port)) == 0
