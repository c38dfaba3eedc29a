"""A Prefect API for one command: started beside it, bound to loopback, and gone when the command is, however it ended.

``tidings nightly`` runs the same flow as the schedule does, without needing a server that already runs. The server reads
its standard input, which is a pipe from the command: when the command ends, even by SIGKILL, the pipe closes and the
server stops. State lies in the warehouse's folder, so nothing is needed of the home folder.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from warehouse.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 300  # two or three on an idle machine; minutes were seen on one that does much else


@contextlib.contextmanager
def prefect_api(home: Path) -> Iterator[None]:
    """Set the environment so that Prefect, imported after this, finds an API; start one where none is named.

    ``home`` is where Prefect keeps its database. Raises WarehouseError when the server does not come up.
    """
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "local-server.log").open("w")
    server = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "flows.local_server", str(port)], stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment()
    )
    try:
        _wait(server, port)
        os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
        yield
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        if server.stdin:
            server.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        log.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "PREFECT_UI_ENABLED": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2),
        ):
            return
        time.sleep(0.1)
    raise WarehouseError("The local Prefect API did not start; local-server.log in the warehouse's prefect folder says why.")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def serve(port: int) -> None:
    """Serve Prefect's API on loopback until standard input closes."""
    import uvicorn  # noqa: PLC0415 - only the server's own process needs it

    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
