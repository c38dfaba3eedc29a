"""The Prefect server that a command starts, and the requests that it accepts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from tests.flows.nights import copy_prefect_database
from tidings.base.origin_guard import OriginGuard, allowed_origins, find_refusal, listen_address
from tidings.base.settings import SettingsError
from tidings.flows.prefect_server import add_report

pytestmark = pytest.mark.slow

PROBE = """
import os, pathlib, sqlite3, sys, urllib.error, urllib.request
from tidings.flows.prefect_server import prefect_server

def status(**headers):
    url = os.environ["PREFECT_API_URL"] + "/flows/name/none"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers),
            timeout=30).status
    except urllib.error.HTTPError as error:
        with error:
            return error.code

with prefect_server(pathlib.Path(sys.argv[1])):
    from prefect.client.orchestration import get_client
    with get_client(sync_client=True) as client:
        created = client.create_flow_from_name("probe")
    print(status(), status(Origin="http://evil.example"), status(Host="evil.example"),
        bool(created))

    from prefect import flow, task
    last = task(lambda text: print(text), name="last")
    flow(lambda: last("ran"), name="probe")()
print(os.environ.get("PREFECT_API_URL"))
with sqlite3.connect(pathlib.Path(sys.argv[1]) / "prefect.db") as database:
    for query in ("select state_type from flow_run", "select state_type from task_run"):
        print(*database.execute(query).fetchone())
"""
ORIGINS = allowed_origins(4200, "https://tidings.example.org, ")
OWN = {"Host": "127.0.0.1:4200"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
ACCEPTED = {
    "a program without an origin": ("POST", OWN),
    "the UI by IP address": (
        "POST",
        {**OWN, "Origin": "http://127.0.0.1:4200", "Sec-Fetch-Site": "same-origin"},
    ),
    "the UI by name": ("POST", {"Host": "localhost:4200", "Origin": "http://localhost:4200"}),
    "the UI behind a proxy": (
        "POST",
        {"Host": "tidings.example.org", "Origin": "https://tidings.example.org"},
    ),
    "a proxy that keeps its own Host": ("POST", {**OWN, "Origin": "https://tidings.example.org"}),
    "a typed URL": ("GET", {**OWN, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}),
    "a link from a message": ("GET", {**OWN, **LINK}),
}
REFUSED = {
    "a foreign page": ("POST", {**OWN, "Origin": "http://evil.example"}),
    "a foreign page that reads": ("GET", {**OWN, "Origin": "http://evil.example"}),
    "another port of loopback": ("POST", {**OWN, "Origin": "http://127.0.0.1:4201"}),
    "the same host by another scheme": ("POST", {**OWN, "Origin": "https://127.0.0.1:4200"}),
    "a sandboxed frame or a file": ("POST", {**OWN, "Origin": "null"}),
    "a second origin": (
        "POST",
        {**OWN, "Origin": "http://127.0.0.1:4200", "origin": "http://evil.example"},
    ),
    "a preflight": (
        "OPTIONS",
        {**OWN, "Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
    ),
    "an image of a foreign page": (
        "GET",
        {**OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ),
    "a form without an origin": ("POST", {**OWN, **LINK}),
    "a frame": ("GET", {**OWN, **LINK, "Sec-Fetch-Dest": "iframe"}),
    "a rebound name": ("POST", {"Host": "evil.example:4200", "Origin": "http://evil.example:4200"}),
    "a name with the same prefix": ("GET", {"Host": "localhost:4200.evil.example"}),
    "another port": ("GET", {"Host": "127.0.0.1:80"}),
    "no name": ("GET", {}),
    "two names": ("GET", {**OWN, "host": "evil.example"}),
}


def _refusal(method: Any, headers: Any) -> Any:
    return find_refusal(
        method, [(name.encode(), value.encode()) for name, value in headers.items()], ORIGINS
    )


@pytest.mark.parametrize("case", ACCEPTED)
def test_own_pages_and_programs_are_accepted(case: Any) -> None:
    """The server accepts requests of its own pages, of programs and of users who follow a link."""
    assert _refusal(*ACCEPTED[case]) is None


@pytest.mark.parametrize("case", REFUSED)
def test_foreign_pages_are_refused(case: Any) -> None:
    """The server refuses requests of pages from other origins and requests with a foreign host
    name.
    """
    assert _refusal(*REFUSED[case])


def test_pages_send_requests_only_to_their_own_origins() -> None:
    """The browser blocks requests of Prefect's UI to other hosts, such as its analytics service,
    but not its WebSockets.
    """
    client = TestClient(
        OriginGuard(PlainTextResponse("page"), ORIGINS), base_url="http://127.0.0.1:4200"
    )
    _, connections = client.get("/").headers["content-security-policy"].split("; ")
    assert connections == (
        "connect-src 'self' ws://127.0.0.1:4200 ws://localhost:4200 wss://tidings.example.org"
    )


@pytest.mark.parametrize(
    "listed",
    "* tidings.example.org https://tidings.example.org/v2 https://a@b.example ftp://a".split(),
)
def test_an_invalid_origin_is_an_error(listed: Any) -> None:
    """A listed origin that is not a scheme and a host yields an error that contains it."""
    with pytest.raises(SettingsError, match="is not an origin"):
        allowed_origins(4200, listed)


def test_servers_listen_on_loopback_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only TIDINGS_LISTEN changes the address, and an invalid one is an error that contains it."""
    monkeypatch.delenv("TIDINGS_LISTEN", raising=False)
    assert listen_address() == "127.0.0.1"
    monkeypatch.setenv("TIDINGS_LISTEN", "0.0.0.0")  # noqa: S104 - as in a container
    assert listen_address() == "0.0.0.0"  # noqa: S104
    # runs could not reach a server that is not on loopback
    for address in ("everywhere", "192.168.1.5"):
        monkeypatch.setenv("TIDINGS_LISTEN", address)
        with pytest.raises(SettingsError, match=f"'{address}' is neither"):
            listen_address()


def test_only_the_command_can_use_its_server(tmp_path: Path) -> None:
    """Requests without password, with a foreign origin or host are refused; the server stores a
    last task run, and stops.
    """
    copy_prefect_database(tmp_path)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, tmp_path],
        env=clean,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines() == [
        "401 403 403 True",
        "ran",
        "None",
        "COMPLETED",
        "COMPLETED",
    ], done.stderr


def test_the_report_requires_the_password_of_the_server(tmp_path: Path) -> None:
    """The server shows the report before its catch-all route, and with a password only to requests
    that contain it.
    """
    (tmp_path / "index.html").write_text("the report")
    for password, refused in ((None, 200), ("user:secret", 401)):
        app = Starlette(routes=[Mount("/", PlainTextResponse("the UI"))])
        add_report(app, tmp_path, password)
        client = TestClient(app)
        answer = client.get("/report/index.html")
        assert answer.status_code == refused
        assert ("www-authenticate" in answer.headers) == bool(password)
        assert client.get("/report/", auth=("user", "secret")).text == "the report"
    assert client.get("/report/", auth=("user", "other")).status_code == 401


WRITES = """
import asyncio, collections, socket, sys, threading
import httpx, uvicorn
from prefect.server.api.server import create_app
from tidings.flows.prefect_server import begin_as_writes

begin_as_writes()
listener = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(create_app(final=True), log_level="critical"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
statuses = collections.Counter()

async def write():
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        flow = (await client.post("flows/", json={"name": "probe"})).json()["id"]
        async def create():
            for _ in range(5):
                run = {"flow_id": flow, "state": {"type": "RUNNING"}}
                try:
                    statuses[(await client.post("flow_runs/", json=run)).status_code] += 1
                except httpx.ReadError:
                    statuses["closed"] += 1
        await asyncio.gather(*[create() for _ in range(8)])

while not server.started:
    threading.Event().wait(0.1)
asyncio.run(write())
print(statuses[201], statuses[503], flush=True)
server.should_exit = True
"""


def test_concurrent_writes_are_accepted(tmp_path: Path) -> None:
    """Prefect's own transactions would refuse concurrent requests with 503; ours accept all."""
    copy_prefect_database(tmp_path)
    env = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-c", WRITES]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["40", "0"]
