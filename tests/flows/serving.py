"""Run ``tidings serve`` in a separate process for tests."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

TIDINGS = Path(sys.executable).with_name("tidings")
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without settings of Tidings and Prefect, except
    TIDINGS_THREADS: with one thread, a run on few rows takes a fifth less CPU time than with two.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDINGS_", "PREFECT_")) or name == "TIDINGS_THREADS"
    }


def free_port() -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A process of ``tidings serve`` with functions to use its API and to stop it."""

    def __init__(self, env: Any, port: Any, log: Any) -> None:
        self.env, self.port, self.log = env, port, log
        self.base = f"http://127.0.0.1:{port}"
        self.process: Any = None

    def start(self) -> None:
        clean = clean_environment()
        position = len(self.log.read_text()) if self.log.exists() else 0
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [TIDINGS, "serve", "--port", str(self.port)],
                # seconds; 10 by default
                env={**clean, "PREFECT_RUNNER_POLL_FREQUENCY": "2", **self.env},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.wait_for(lambda: "Press Ctrl-C to stop." in self.log.read_text()[position:])
        self.wait_for(lambda: len(self.post("deployments/filter", {})) == 3)

    def wait_for(self, check: Any) -> Any:
        """Wait until a check returns a true value, and return it. Only the test has a time limit,
        because a busy machine may need any time.
        """
        try:
            while True:
                with contextlib.suppress(urllib.error.URLError, OSError):
                    if result := check():
                        return result
                assert self.process.poll() is None
                time.sleep(0.5)
        except BaseException as error:
            error.add_note(self.log.read_text()[-3000:])
            raise

    def write(self, path: Any, body: Any, method: str = "POST", **headers: Any) -> Any:
        """Return a write request with the server's CSRF token."""
        client = str(uuid.uuid4())
        token = self.get(f"csrf-token?client={client}")["token"]
        headers |= {
            "content-type": "application/json",
            "prefect-csrf-client": client,
            "prefect-csrf-token": token,
        }
        return urllib.request.Request(
            f"{self.base}/api/{path}", json.dumps(body).encode(), headers, method=method
        )

    def post(self, path: Any, body: Any, method: str = "POST") -> Any:
        with urllib.request.urlopen(self.write(path, body, method), timeout=30) as response:
            return json.loads(response.read() or b"null")

    def get(self, path: Any) -> Any:
        with urllib.request.urlopen(f"{self.base}/api/{path}", timeout=30) as response:
            return json.load(response)

    def deployment(self, name: Any) -> Any:
        return self.get(f"deployments/name/{name}/{name}")["id"]

    def submit(self, deployment: Any, parameters: Any, **more: Any) -> Any:
        """Start a run and return its ID. A busy server may return 503, or respond too late, so the
        request is repeated; its key lets the server create one run.
        """
        path = f"deployments/{self.deployment(deployment)}/create_flow_run"
        body = {"parameters": parameters, "idempotency_key": str(uuid.uuid4()), **more}
        return self.wait_for(lambda: self.post(path, body)["id"])

    def newest(self, name: Any) -> Any:
        runs = self.post(
            "flow_runs/filter",
            {
                "deployments": {"id": {"any_": [self.deployment(name)]}},
                "sort": "EXPECTED_START_TIME_DESC",
                "limit": 1,
            },
        )
        return runs[0] if runs else None

    def state(self, run_id: Any) -> Any:
        return self.get(f"flow_runs/{run_id}")["state"]

    def processes_of_runs(self) -> set[int]:
        """Return the processes that execute runs, also those that are ending."""
        return {pid for pid in children(self.process.pid) if b"spawn_main" in command_of(pid)}

    def logs(self, run_id: Any) -> Any:
        """Return the log lines of a run so far. Its process sends the last lines when it ends."""
        lines = self.post("logs/filter", {"logs": {"flow_run_id": {"any_": [run_id]}}})
        return [line["message"] for line in lines]

    def wait(self, run_id: Any) -> Any:
        return self.wait_for(
            lambda: state if (state := self.state(run_id))["type"] in ENDED else None
        )

    def stop(self, how: Any = signal.SIGINT) -> None:
        """Stop the process like Ctrl-C, or kill it with all its child processes if ``how`` is
        SIGKILL.
        """
        if self.process is None:
            return
        if how == signal.SIGKILL:
            for pid in [*descendants(self.process.pid), self.process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            self.process.send_signal(how)
        self.process.wait(60)
        self.process = None


def still_running(pids: Any) -> Any:
    """Return the processes that have not ended in ten seconds; one that waits to be reaped has
    ended. Helpers of multiprocessing end only when they notice that their parent has.
    """
    deadline = time.monotonic() + 10
    while remaining := [pid for pid in pids if command_of(pid)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return remaining


def command_of(pid: Any) -> bytes:
    """Return the command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children(pid: Any) -> Any:
    """Return the IDs of the child processes of a process."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []


def descendants(pid: Any) -> Any:
    """Return the IDs of all descendants of a process."""
    return [descendant for child in children(pid) for descendant in [*descendants(child), child]]
