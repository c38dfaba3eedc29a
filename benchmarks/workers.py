"""Run one night and two backfills on three workers, kill one worker, and check the result.

The servers run on loopback: Prefect on PostgreSQL, the lake on PostgreSQL and S3, and the sample
newsroom. The benchmark prints each run's states, how often two workers made requests to a host
within the minimum interval (target: never), and whether the articles equal those of the same runs
one after another in a folder.

    --victim 0      run whose worker is killed: 0 is the night, 1 and 2 are the backfills
    --task obtain   task during which the worker is killed
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.flows.serving import descendants, free_port
from tests.storage.services import debian_postgres, object_storage, shared_address
from tidings import demo
from tidings.demo.serve import END, start
from tidings.storage.lake import Lake, open_lake
from tidings.storage.remote_lake import lake_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOP = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
GAP = 0.2
MAX_SECONDS = 2400  # time limit of a run in seconds, on a busy machine
RUNS: list[tuple[str, dict[str, str]]] = [
    ("nightly", {}),
    ("backfill", {"start": "2026-05-20", "end": "2026-06-20"}),
    ("backfill", {"start": "2026-06-21", "end": "2026-07-20"}),
]
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--victim", type=int, default=0, choices=range(len(RUNS)))
    parser.add_argument("--task", default="obtain")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="tidings-workers-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with start() as newsroom, debian_postgres(folder) as pg, object_storage():
            newsroom.set_now(END)
            feeds = folder / "feeds.csv"
            feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
            env = {
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("TIDINGS_", "PREFECT_"))
            } | {
                "TIDINGS_FEEDS": str(feeds),
                "TIDINGS_ALLOW_HOSTS": ",".join(
                    url.removeprefix("http://") for url in newsroom.base_urls.values()
                ),
                "TIDINGS_HOST_GAP": str(GAP),
                "TIDINGS_SEEDS": str(Path(demo.__file__).parent / "seeds"),
                "PYTHONPATH": str(TOP),
            }
            address = shared_address(pg, folder / "machine")
            newsroom.clear_log()
            work_together(env, address, pg.database(), folder, options)
            log = newsroom.log()
            alone = folder / "alone"
            work_alone({**env, "TIDINGS_WAREHOUSE": str(alone), "TIDINGS_HOST_GAP": "0"})
            compare(lake_at(address, folder), Lake(alone))
    count_meetings(log)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process, and kill it with its children at the end."""
    with log.open("a") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its children, as a power failure does."""
    for pid in [*descendants(process.pid), process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def work_together(
    env: dict[str, str], address: str, database: str, folder: Path, options: argparse.Namespace
) -> None:
    """Start the three runs on three workers, kill the worker of the selected run, and wait for all
    runs.
    """
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    env = env | {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": database.replace(
            "postgresql://", "postgresql+asyncpg://"
        ),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "TIDINGS_WAREHOUSE": address,
    }
    prefect = BIN / "prefect"
    with contextlib.ExitStack() as alive:
        alive.enter_context(
            running(
                [prefect, "server", "start", "--port", str(port), "--no-ui"],
                env,
                folder / "server.log",
            )
        )
        wait_for(lambda: request(f"{api}/health"), 180)
        for command in (
            ["work-pool", "create", "tidings", "--type", "process"],
            ["work-queue", "create", "nights", "--pool", "tidings", "--priority", "1"],
            [
                "work-queue",
                "create",
                "backfills",
                "--pool",
                "tidings",
                "--priority",
                "2",
                "--limit",
                "2",
            ],
            ["--no-prompt", "deploy", "--all"],
            ["automation", "create", "--from-file", str(TOP / "docs/scale/lost-runs.yaml")],
        ):
            result = subprocess.run(
                [prefect, *command], env=env, cwd=TOP, capture_output=True, text=True, check=False
            )
            if result.returncode:
                raise SystemExit(f"prefect {' '.join(command)}:\n{result.stdout}\n{result.stderr}")
        workers = {}
        for number in (1, 2, 3):
            name = f"worker-{number}"
            own = env | {
                "TIDINGS_CONTACT": name,
                "TIDINGS_WAREHOUSE": address.replace("/machine", f"/{name}"),
            }
            worker: list[str | Path] = [
                prefect,
                "worker",
                "start",
                "--pool",
                "tidings",
                "--name",
                name,
                "--limit",
                "1",
            ]
            workers[name] = alive.enter_context(running(worker, own, folder / f"{name}.log"))
        runs = [
            (name, submit(api, name, {**parameters, "now": END.isoformat()}))
            for name, parameters in RUNS
        ]
        begun = time.monotonic()
        victim = wait_for(
            lambda: worker_of(api, runs[options.victim][1], options.task, workers), MAX_SECONDS
        )
        kill(workers[victim])
        print(
            f"{victim} killed, with run {options.victim} at {options.task}, after"
            f" {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        for name, run in runs:
            wait_for(
                lambda run=run: request(f"{api}/flow_runs/{run}")["state"]["type"] in ENDED,
                MAX_SECONDS,
            )
            states = request(f"{api}/flow_run_states/?flow_run_id={run}")
            print(
                name,
                " → ".join(state["name"] for state in states),
                f"({time.monotonic() - begun:.0f} s)",
                flush=True,
            )


def worker_of(
    api: str, run: str, task: str, workers: dict[str, subprocess.Popen[bytes]]
) -> str | None:
    """Return the name of the worker of a run, or None until the run has started a task."""
    tasks = request(f"{api}/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    if not any(item["name"].startswith(task) for item in tasks):
        return None
    variable = f"PREFECT__FLOW_RUN_ID={run}".encode()
    for name, worker in workers.items():
        for pid in descendants(worker.pid):
            with contextlib.suppress(OSError):
                if variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    return name
    return None


def submit(api: str, name: str, parameters: dict[str, str]) -> str:
    """Start a run of a deployment and return its ID."""
    deployment = request(f"{api}/deployments/name/{name}/{name}")["id"]
    return str(
        request(f"{api}/deployments/{deployment}/create_flow_run", {"parameters": parameters})["id"]
    )


def request(url: str, body: Any = None) -> Any:
    """Send a request to the API and return its response."""
    data = None if body is None else json.dumps(body).encode()
    message = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(message, timeout=30) as response:
        return json.load(response)


def wait_for(check: Any, seconds: float) -> Any:
    """Call a function until its result is true, and return the result; exit after a time limit."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if result := check():
                return result
        time.sleep(0.5)
    raise SystemExit(f"no result of {check} after {seconds} seconds")


def work_alone(env: dict[str, str]) -> None:
    """Run the same three runs one after another in a folder."""
    for name, parameters in RUNS:
        options = [part for key, value in parameters.items() for part in (f"--{key}", value)]
        result = subprocess.run(
            [BIN / "tidings", name, *options, "--now", END.isoformat()],
            env=env,
            cwd=TOP,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SystemExit(result.stderr[-2000:])


def compare(together: Lake, alone: Lake) -> None:
    """Print whether both lakes contain the same articles."""
    query = (
        "select url, title, body_text, published_at, language, content_hash, excluded_reason"
        " from core.articles"
    )
    rows = []
    for lake in (together, alone):
        with open_lake(lake, read_only=True) as con:
            rows.append(Counter(map(repr, con.execute(query).fetchall())))
            double = con.execute(
                "select count(*) - count(distinct article_id) from core.articles"
            ).fetchone()
            print(
                f"{lake.name.split('/')[-1]}: {rows[-1].total()} articles, {(double or (0,))[0]}"
                f" duplicates"
            )
    differ = (rows[0] - rows[1]) + (rows[1] - rows[0])
    print(f"articles that differ: {differ.total()}")
    for row in sorted(differ)[:5]:
        print("   ", row[:110])
    explain(together, alone)


def explain(together: Lake, alone: Lake) -> None:
    """Print the captures and entries of articles that only the lake in the folder contains."""
    with open_lake(alone, read_only=True) as con:
        missing = {row[0] for row in con.execute("select url from core.articles").fetchall()}
    with open_lake(together, read_only=True) as con:
        missing -= {row[0] for row in con.execute("select url from core.articles").fetchall()}
        for url in sorted(missing)[:20]:
            rows = con.execute(
                "select kind, outcome, reason, fetched_at, warc_file from raw.captures where url ="
                " $url"
                " union all select 'entry of ' || feed_id, date_quality, published_raw,"
                " first_seen_at, null"
                " from raw.feed_entries where url = $url",
                {"url": url},
            ).fetchall()
            print("missing:", url, *rows, sep="\n      ")


def count_meetings(log: list[dict[str, Any]]) -> None:
    """Print the number of requests by worker, and of requests to one host within the minimum
    interval of two workers.
    """
    print(
        "requests: "
        + ", ".join(
            f"{agent} {count}"
            for agent, count in sorted(Counter(item["agent"] for item in log).items())
        )
    )
    count = 0
    for host in {item["host"] for item in log}:
        times = sorted((item["t"], item["agent"]) for item in log if item["host"] == host)
        count += sum(
            later[0] - earlier[0] < GAP
            for earlier, later in pairwise(times)
            if earlier[1] != later[1]
        )
    print(f"requests of two workers to one host within {GAP} s: {count}")


if __name__ == "__main__":
    main()
