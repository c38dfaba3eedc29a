"""Start the Prefect server in a thread of the command that needs it, and stop it with the command.

``tidings serve`` starts a server with the UI on a fixed port; other commands start a temporary one
with a free port, a password and no UI.
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
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tidings.base.messages import is_full
from tidings.base.origin_guard import LOOPBACK, OriginGuard, allowed_origins, listen_address
from tidings.storage.lake import WarehouseError

STOP_SECONDS = 20
CLOSE_SECONDS = 2  # for requests that are open when a server stops
REPORT = "/report"  # path of the report on the server of `tidings serve`
# variable with the URL of the report's first page, for the summary of a run
REPORT_URL = "TIDINGS_REPORT_URL"


# A temporary server only records runs. Block types and automations take .6 s of CPU time.
_ONLY_RECORDS = {
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@contextlib.contextmanager
def prefect_server(home: Path, port: int = 0) -> Iterator[str]:
    """Yield the API's URL: PREFECT_API_URL, or that of a server in a thread that ends with the
    block. A later import of Prefect finds it in the environment.

    Port 0 means a temporary server on any free port; another port, one with the UI and the report.
    ``home`` is the folder of Prefect's database. Raises SettingsError if TIDINGS_ORIGINS or
    TIDINGS_LISTEN is invalid, and WarehouseError if the port is taken or the server does not start.
    """
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    if named := os.environ.get("PREFECT_API_URL"):
        yield named
        return
    home.mkdir(parents=True, exist_ok=True)
    try:
        listener = socket.create_server((listen_address() if port else LOOPBACK, port))
    except OSError as error:
        raise WarehouseError(
            f"Port {port} is not available ({(error.strerror or '').partition(' (while')[0]}). Set"
            f" PREFECT_SERVER_API_PORT to another port, or PREFECT_API_URL to the running server."
        ) from error
    with listener:
        is_temporary, port = not port, listener.getsockname()[1]
        listed = "" if is_temporary else os.environ.get("TIDINGS_ORIGINS", "")
        origins = allowed_origins(port, listed)
        # the next `tidings serve` shows this run and the report
        os.environ.setdefault(REPORT_URL, f"{REPORT}/index.html")
        os.environ.update(
            _variables_of(home, is_temporary=is_temporary),
            PREFECT_API_URL=f"http://{LOOPBACK}:{port}/api",
            PREFECT_SERVER_CSRF_PROTECTION_ENABLED="true",
            PREFECT_SERVER_CORS_ALLOWED_ORIGINS=",".join(sorted(origins)),
        )
        try:
            with _serving(listener, home, origins, is_temporary=is_temporary):
                yield os.environ["PREFECT_API_URL"]
        finally:
            os.environ.pop("PREFECT_API_URL", None)


def _variables_of(home: Path, *, is_temporary: bool) -> dict[str, str]:
    """Return the variables of a server, which Prefect reads when it is imported."""
    client, server = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"
    password = os.environ.get(client)
    if is_temporary:
        password = password or f"tidings:{secrets.token_urlsafe()}"
        own_home = os.environ.get("PREFECT_HOME") or str(home)
        return {"PREFECT_HOME": own_home, client: password, server: password, **_ONLY_RECORDS}
    # A relative URL: the UI then uses the origin under which it was opened.
    variables = {
        "PREFECT_HOME": str(home),
        "PREFECT_UI_API_URL": os.environ.get("PREFECT_UI_API_URL") or "/api",
    }
    if required := os.environ.get(server):
        variables[client] = password or required
    return variables


@contextlib.contextmanager
def _serving(
    listener: socket.socket, home: Path, origins: frozenset[str], *, is_temporary: bool
) -> Iterator[None]:
    """Serve Prefect's API in a thread of this process; write its errors to a file."""
    import uvicorn
    from prefect.events.worker import EventsWorker
    from prefect.server.api.server import create_app
    from prefect.settings import PREFECT_SERVER_API_AUTH_STRING, get_current_settings

    begin_as_writes()
    app: Any = create_app(ephemeral=is_temporary)
    if not is_temporary:
        add_report(app, home.parent / "report", PREFECT_SERVER_API_AUTH_STRING.value())
    guarded: Any = OriginGuard(app, origins)
    log = home / ("local-server.log" if is_temporary else "server.log")
    errors = logging.FileHandler(log, "w" if is_temporary else "a", delay=True)
    # a full disk: one sentence, no trace
    errors.handleError = lambda record: None  # type: ignore[method-assign] # noqa: ARG005
    for name in ("uvicorn", "prefect.server"):
        logging.getLogger(name).addHandler(errors)
    api = get_current_settings().server.api
    server = uvicorn.Server(
        uvicorn.Config(
            guarded,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=api.keepalive_timeout,
            ws_ping_interval=api.websocket_ping_interval,
            ws_ping_timeout=api.websocket_ping_timeout,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                if is_full(home):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(home))
                raise WarehouseError(f"The Prefect server did not start. See {log}.")
            time.sleep(0.01)
        yield
    finally:
        EventsWorker.drain_all(timeout=CLOSE_SECONDS)  # the server derives task runs from events
        server.should_exit = True
        thread.join(STOP_SECONDS)


def begin_as_writes() -> None:
    """Start every transaction of Prefect's SQLite database with ``BEGIN IMMEDIATE``, which waits
    for the lock, up to 60 seconds.

    In a deferred transaction that has read, SQLite refuses a write if another connection has
    written since. Prefect 3.9 then returns 503, and its UI does not retry.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_write(self: Any, session: Any, **_: bool) -> AbstractAsyncContextManager[Any]:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_write  # type: ignore[method-assign,assignment]


def add_report(app: Any, folder: Path, password: str | None) -> None:
    """Serve the static report below REPORT, with the API's password if there is one."""
    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

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
