"""A served Tidings in a process of its own, over a warehouse and newsroom of the test's."""

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

TIDINGS = Path(sys.executable).with_name("tidings")
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """``tidings serve`` running: its UI, its API, and its end."""

    def __init__(self, env, port, log):
        self.env, self.port, self.log = env, port, log
        self.base = f"http://127.0.0.1:{port}"
        self.process = None

    def start(self):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("TIDINGS_", "PREFECT_"))}
        told = len(self.log.read_text()) if self.log.exists() else 0
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [TIDINGS, "serve", "--port", str(self.port)],
                env={**clean, **self.env},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.wait_for(lambda: "Ctrl-C stops" in self.log.read_text()[told:], 120)
        served = {"backfill", "maintain", "nightly"}
        self.wait_for(lambda: {one["name"] for one in self.post("deployments/filter", {})} == served, 60)

    def wait_for(self, check, seconds, every=0.5):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, OSError):
                if found := check():
                    return found
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(every)
        raise TimeoutError(self.log.read_text()[-3000:])

    def write(self, path, body, method="POST", **headers):
        """Return a request that carries the server's CSRF token."""
        client = str(uuid.uuid4())
        token = self.get(f"csrf-token?client={client}")["token"]
        headers |= {"content-type": "application/json", "prefect-csrf-client": client, "prefect-csrf-token": token}
        return urllib.request.Request(f"{self.base}/api/{path}", json.dumps(body).encode(), headers, method=method)

    def post(self, path, body, method="POST"):
        with urllib.request.urlopen(self.write(path, body, method), timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def get(self, path):
        with urllib.request.urlopen(f"{self.base}/api/{path}", timeout=30) as answer:
            return json.load(answer)

    def deployment(self, name):
        return self.get(f"deployments/name/{name}/{name}")["id"]

    def submit(self, name, **parameters):
        """Start a run; just after its start a SQLite server may be busy with itself and answer 503, so it is asked again."""
        address = f"deployments/{self.deployment(name)}/create_flow_run"
        return self.wait_for(lambda: self.post(address, {"parameters": parameters})["id"], 30)

    def newest(self, name):
        found = self.post(
            "flow_runs/filter",
            {"deployments": {"id": {"any_": [self.deployment(name)]}}, "sort": "EXPECTED_START_TIME_DESC", "limit": 1},
        )
        return found[0] if found else None

    def state(self, run_id):
        return self.get(f"flow_runs/{run_id}")["state"]

    def process_of_run(self):
        """Return the process that executes the only run, or None if no run has a process."""
        found = []
        for pid in children(self.process.pid):
            with contextlib.suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return min(found, default=None)

    def logs(self, run_id):
        """What a run has told so far; its process sends the last of it when it ends."""
        found = self.post("logs/filter", {"logs": {"flow_run_id": {"any_": [run_id]}}})
        return [line["message"] for line in found]

    def wait(self, run_id, seconds=150):
        return self.wait_for(lambda: state if (state := self.state(run_id))["type"] in ENDED else None, seconds)

    def stop(self, how=signal.SIGINT):
        """End it: as Ctrl-C does, or, with SIGKILL, all at once with everything that it started."""
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


def children(pid):
    """Return the processes that a process has started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid):
    """The processes that a process has started, and those that they have."""
    return [one for child in children(pid) for one in [*descendants(child), child]]
