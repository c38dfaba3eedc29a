"""Start the Prefect server on loopback.

``tidings serve`` starts a server with the UI on a fixed port in a process of its own. That process
reads its standard input, a pipe from the command: when the command ends, even by SIGKILL, the pipe
closes and the server stops. ``tidings nightly`` and ``tidings backfill`` run a temporary server in
a thread, with a free port, a password and no UI, and run the same flows as the schedule.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hmac
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidings.base.messages import is_full
from tidings.base.origin_guard import OriginGuard, allowed_origins, listen_address
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

# the start takes two or three seconds on an idle machine and minutes on a busy one
START_SECONDS = 300
STOP_SECONDS = 20
CLOSE_SECONDS = 2  # for requests that are open when a temporary server stops
REPORT = "/report"  # path of the report on the server of `tidings serve`
# variable with the URL of the report's first page, for the summary of a run
REPORT_URL = "TIDINGS_REPORT_URL"


@contextlib.contextmanager
def prefect_api(home: Path) -> Iterator[None]:
    """Set the environment so that a later import of Prefect finds an API; start a server unless
    PREFECT_API_URL is set.

    The server runs in a thread until the block ends. ``home`` is the folder of Prefect's database.
    Raises WarehouseError if the server does not start.
    """
    _set_defaults()
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    home.mkdir(parents=True, exist_ok=True)
    # the next `tidings serve` shows this run and the report
    os.environ.setdefault(REPORT_URL, f"{REPORT}/index.html")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        password = os.environ.get("PREFECT_API_AUTH_STRING") or f"tidings:{secrets.token_urlsafe()}"
        os.environ.setdefault("PREFECT_HOME", str(home))
        os.environ.update(
            PREFECT_API_URL=f"http://127.0.0.1:{port}/api",
            PREFECT_API_AUTH_STRING=password,
            PREFECT_SERVER_API_AUTH_STRING=password,
            **_ONLY_RECORDS,
            **_protection(port),
        )
        try:
            with _serving(listener, port, home / "local-server.log"):
                yield
        finally:
            os.environ.pop("PREFECT_API_URL", None)


# A temporary server only records the runs of its command. The next server of `tidings serve` does
# the rest: it registers the block types and evaluates automations, which takes .6 s of CPU time
# here.
_ONLY_RECORDS = {
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@contextlib.contextmanager
def _serving(listener: socket.socket, port: int, log: Path) -> Iterator[None]:
    """Serve Prefect's API in a thread of this process for the duration of the block; write its
    errors to a file.
    """
    # Prefect reads its variables when it is imported.
    import uvicorn  # noqa: PLC0415
    from prefect.events.worker import EventsWorker  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415

    begin_as_writes()
    app: Any = OriginGuard(create_app(ephemeral=True), allowed_origins(port))
    errors = logging.FileHandler(log, "w", delay=True)
    # a full disk: one sentence, no trace
    errors.handleError = lambda record: None  # type: ignore[method-assign] # noqa: ARG005
    for name in ("uvicorn", "prefect.server"):
        logging.getLogger(name).addHandler(errors)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                if is_full(log.parent):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(log.parent))
                raise WarehouseError(f"The Prefect server did not start. See {log}.")
            time.sleep(0.01)
        yield
    finally:
        EventsWorker.drain_all(timeout=CLOSE_SECONDS)  # the server derives task runs from events
        server.should_exit = True
        thread.join(STOP_SECONDS)


@contextlib.contextmanager
def prefect_server(home: Path, port: int) -> Iterator[str]:
    """Yield the API's URL: PREFECT_API_URL, or the URL of a server that is started here and stopped
    at the end.

    Raises SettingsError if TIDINGS_ORIGINS is invalid, and WarehouseError if the port is taken or
    the server does not start.
    """
    _set_defaults()
    if named := os.environ.get("PREFECT_API_URL"):
        yield named
        return
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise WarehouseError(
                f"Port {port} is in use. Set PREFECT_SERVER_API_PORT to another port, or"
                f" PREFECT_API_URL to the running server."
            )
    url = f"http://127.0.0.1:{port}/api"
    os.environ.update(PREFECT_API_URL=url, PREFECT_HOME=str(home))
    os.environ.setdefault(REPORT_URL, f"{REPORT}/index.html")
    if password := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        os.environ.setdefault("PREFECT_API_AUTH_STRING", password)
    with _running(home, port):
        yield url


def _set_defaults() -> None:
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")


def _protection(port: int, listed: str = "") -> dict[str, str]:
    """Return the variables with which Prefect's server requires a CSRF token and permits only its
    own origins.
    """
    return {
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(sorted(allowed_origins(port, listed))),
    }


@contextlib.contextmanager
def _running(home: Path, port: int) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    # A relative URL: the UI then uses the origin under which it was opened.
    own = {"PREFECT_UI_API_URL": os.environ.get("PREFECT_UI_API_URL", "/api")}
    own |= _protection(port, os.environ.get("TIDINGS_ORIGINS", ""))
    listen_address()  # an invalid one ends the command with its sentence
    log = home / "server.log"
    with log.open("a") as out:
        server = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "tidings.flows.prefect_server",
                str(port),
                str(home.parent / "report"),
            ],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=os.environ | own,
            # Ctrl-C reaches the command, whose runs then report their end to the server
            start_new_session=True,
        )
        try:
            _wait(server, port, log)
            yield
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            if server.stdin:
                server.stdin.close()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2),
        ):
            return
        time.sleep(0.1)
    raise WarehouseError(f"The Prefect server did not start. See {log}.")


def begin_as_writes() -> None:
    """Start every transaction of Prefect's SQLite database with ``BEGIN IMMEDIATE``.

    In a deferred transaction that has read, SQLite refuses a write immediately if another
    connection has written since. Prefect then returns 503, and its UI does not retry. An immediate
    transaction waits for the lock, up to 60 seconds. Prefect 3.9 has no setting for it, and
    ``test_concurrent_writes_need_immediate_transactions`` shows that it is needed.
    """
    # only the server process needs it
    from prefect.server.database.configurations import AioSqliteConfiguration  # noqa: PLC0415

    begin = AioSqliteConfiguration.begin_transaction

    def begin_write(
        self: Any,
        session: Any,
        with_for_update: bool = True,  # noqa: ARG001
    ) -> AbstractAsyncContextManager[Any]:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_write  # type: ignore[method-assign,assignment]


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def add_report(app: Any, folder: Path, password: str | None) -> None:
    """Serve the static report below REPORT. If the API has a password, a browser requests it from
    the user.
    """
    from starlette.datastructures import Headers  # noqa: PLC0415 - only the server process needs it
    from starlette.responses import Response  # noqa: PLC0415 - as above
    from starlette.routing import Mount  # noqa: PLC0415 - as above
    from starlette.staticfiles import StaticFiles  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    site = StaticFiles(directory=folder, html=True)
    wanted = f"Basic {base64.b64encode((password or '').encode()).decode()}".encode()

    async def send_file(scope: Any, receive: Any, send: Any) -> None:
        sent = Headers(scope=scope).get("authorization", "").encode()
        refusal = Response(
            "This page requires the password of the server.\n",
            401,
            {"www-authenticate": 'Basic realm="Tidings"'},
        )
        await (site if not password or hmac.compare_digest(sent, wanted) else refusal)(
            scope, receive, send
        )

    # before the route of the UI, which matches every path
    app.router.routes.insert(0, Mount(REPORT, send_file))


def run(port: int, report: Path) -> None:
    """Serve Prefect's API and UI, and the report, until standard input closes, to the server's own
    origins only.
    """
    # Only the server process needs these modules.
    import uvicorn  # noqa: PLC0415
    from prefect.server.api.server import create_app  # noqa: PLC0415
    from prefect.settings import PREFECT_SERVER_API_AUTH_STRING, get_current_settings  # noqa: PLC0415

    origins = allowed_origins(port, os.environ.get("TIDINGS_ORIGINS", ""))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin_as_writes()
    settings = get_current_settings().server
    app = create_app(final=True)
    add_report(app, report, PREFECT_SERVER_API_AUTH_STRING.value())
    own: Any = OriginGuard(app, origins)
    uvicorn.run(
        own,
        host=listen_address(),
        port=port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        log_level=settings.logging_level.lower(),
    )


if __name__ == "__main__":
    run(int(sys.argv[1]), Path(sys.argv[2]))
