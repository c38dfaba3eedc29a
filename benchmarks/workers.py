"""Three workers, one night and two backfills at once, and one worker killed in the middle: what became of it.

Real servers on loopback: Prefect on PostgreSQL, the lake on PostgreSQL and S3, the sample newsroom. Prints each run's states, how
often a host was asked by two workers at once (wanted: never), and whether the articles are those of the same runs one after the
other in a folder.

    --victim 0      which run's worker is killed: 0 the night, 1 and 2 the backfills
    --task obtain   the task that it is at then
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
from tests.warehouse.services import debian_postgres, object_storage, shared_address
from tidings import sample
from tidings.sample.serve import END, start
from tidings.warehouse.lake import Lake, open_lake
from tidings.warehouse.remote_lake import lake_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOP = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
GAP = 0.2
LONGEST = 2400  # seconds that are waited for a run on a busy machine
RUNS: list[tuple[str, dict[str, str]]] = [
    ("nightly", {}),
    ("backfill", {"start": "2026-05-20", "end": "2026-06-20"}),
    ("backfill", {"start": "2026-06-21", "end": "2026-07-20"}),
]
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def main() -> None:
    """Run all of it and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--victim", type=int, default=0, choices=range(len(RUNS)))
    parser.add_argument("--task", default="obtain")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="tidings-workers-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with start() as newsroom, debian_postgres(folder) as pg, object_storage():
            newsroom.set_now(END)
            feeds = folder / "feeds.csv"
            feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
            env = {key: value for key, value in os.environ.items() if not key.startswith(("TIDINGS_", "PREFECT_"))} | {
                "TIDINGS_FEEDS": str(feeds),
                "TIDINGS_ALLOW_HOSTS": ",".join(url.removeprefix("http://") for url in newsroom.base_urls.values()),
                "TIDINGS_HOST_GAP": str(GAP),
                "TIDINGS_SEEDS": str(Path(sample.__file__).parent / "seeds"),
                "PYTHONPATH": str(TOP),
            }
            address = shared_address(pg, folder / "machine")
            newsroom.clear_log()
            work_together(env, address, pg.database(), folder, options)
            told = newsroom.log()
            alone = folder / "alone"
            work_alone({**env, "TIDINGS_WAREHOUSE": str(alone), "TIDINGS_HOST_GAP": "0"})
            compare(lake_at(address, folder), Lake(alone))
    count_meetings(told)


@contextlib.contextmanager
def running(command: Sequence[str | Path], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process and end it with all that it started."""
    with log.open("a") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, as a machine does that loses its power."""
    for pid in [*descendants(process.pid), process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def work_together(env: dict[str, str], address: str, database: str, folder: Path, options: argparse.Namespace) -> None:
    """Start the three runs on three workers, kill the one that has the chosen run, and wait until all are over."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    env = env | {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": database.replace("postgresql://", "postgresql+asyncpg://"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "TIDINGS_WAREHOUSE": address,
    }
    prefect = BIN / "prefect"
    with contextlib.ExitStack() as alive:
        alive.enter_context(running([prefect, "server", "start", "--port", str(port), "--no-ui"], env, folder / "server.log"))
        wait_for(lambda: ask(f"{api}/health"), 180)
        for command in (
            ["work-pool", "create", "tidings", "--type", "process"],
            ["work-queue", "create", "nights", "--pool", "tidings", "--priority", "1"],
            ["work-queue", "create", "backfills", "--pool", "tidings", "--priority", "2", "--limit", "2"],
            ["--no-prompt", "deploy", "--all"],
            ["automation", "create", "--from-file", str(TOP / "docs/scale/lost-runs.yaml")],
        ):
            done = subprocess.run([prefect, *command], env=env, cwd=TOP, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"prefect {' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        workers = {}
        for number in (1, 2, 3):
            name = f"worker-{number}"
            own = env | {"TIDINGS_CONTACT": name, "TIDINGS_WAREHOUSE": address.replace("/machine", f"/{name}")}
            command: list[str | Path] = [prefect, "worker", "start", "--pool", "tidings", "--name", name, "--limit", "1"]
            workers[name] = alive.enter_context(running(command, own, folder / f"{name}.log"))
        runs = [(name, submit(api, name, {**asked, "now": END.isoformat()})) for name, asked in RUNS]
        begun = time.monotonic()
        victim = wait_for(lambda: worker_of(api, runs[options.victim][1], options.task, workers), LONGEST)
        kill(workers[victim])
        print(f"{victim} killed, with run {options.victim} at {options.task}, after {time.monotonic() - begun:.0f} s", flush=True)
        for name, run in runs:
            wait_for(lambda run=run: ask(f"{api}/flow_runs/{run}")["state"]["type"] in ENDED, LONGEST)
            states = ask(f"{api}/flow_run_states/?flow_run_id={run}")
            print(name, " → ".join(state["name"] for state in states), f"({time.monotonic() - begun:.0f} s)", flush=True)


def worker_of(api: str, run: str, task: str, workers: dict[str, subprocess.Popen[bytes]]) -> str | None:
    """Return the name of the worker that has a run, once the run is at a task."""
    tasks = ask(f"{api}/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    if not any(one["name"].startswith(task) for one in tasks):
        return None
    wanted = f"PREFECT__FLOW_RUN_ID={run}".encode()
    for name, worker in workers.items():
        for pid in descendants(worker.pid):
            with contextlib.suppress(OSError):
                if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    return name
    return None


def submit(api: str, name: str, asked: dict[str, str]) -> str:
    """Start a deployment's run and return its id."""
    deployment = ask(f"{api}/deployments/name/{name}/{name}")["id"]
    return str(ask(f"{api}/deployments/{deployment}/create_flow_run", {"parameters": asked})["id"])


def ask(url: str, body: Any = None) -> Any:
    """Return what the API answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def wait_for(check: Any, seconds: float) -> Any:
    """Return the first true answer; end the program when there is none in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if found := check():
                return found
        time.sleep(0.5)
    raise SystemExit(f"waited {seconds} seconds in vain for {check}")


def work_alone(env: dict[str, str]) -> None:
    """Run the same three one after the other in a folder."""
    for name, asked in RUNS:
        options = [part for key, value in asked.items() for part in (f"--{key}", value)]
        done = subprocess.run(
            [BIN / "tidings", name, *options, "--now", END.isoformat()],
            env=env,
            cwd=TOP,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])


def compare(together: Lake, alone: Lake) -> None:
    """Print whether both lakes hold the same articles."""
    query = "select url, title, body_text, published_at, language, content_hash, excluded_reason from core.articles"
    rows = []
    for lake in (together, alone):
        with open_lake(lake, read_only=True) as con:
            rows.append(Counter(map(repr, con.execute(query).fetchall())))
            double = con.execute("select count(*) - count(distinct article_id) from core.articles").fetchone()
            print(f"{lake.name.split('/')[-1]}: {rows[-1].total()} articles, {(double or (0,))[0]} twice")
    differ = (rows[0] - rows[1]) + (rows[1] - rows[0])
    print(f"articles that differ: {differ.total()}")
    for row in sorted(differ)[:5]:
        print("   ", row[:110])
    explain(together, alone)


def explain(together: Lake, alone: Lake) -> None:
    """Print what became of the pages whose articles only the runs one after the other have."""
    with open_lake(alone, read_only=True) as con:
        there = {row[0] for row in con.execute("select url from core.articles").fetchall()}
    with open_lake(together, read_only=True) as con:
        there -= {row[0] for row in con.execute("select url from core.articles").fetchall()}
        for url in sorted(there)[:20]:
            found = con.execute(
                "select kind, outcome, reason, fetched_at, warc_file from raw.captures where url = $url"
                " union all select 'entry of ' || feed_id, date_quality, published_raw, first_seen_at, null"
                " from raw.feed_entries where url = $url",
                {"url": url},
            ).fetchall()
            print("lacking:", url, *found, sep="\n      ")


def count_meetings(log: list[dict[str, Any]]) -> None:
    """Print how many requests came, of which workers, and how many of a host within the gap of another worker's."""
    print("requests: " + ", ".join(f"{agent} {count}" for agent, count in sorted(Counter(one["agent"] for one in log).items())))
    met = 0
    for host in {one["host"] for one in log}:
        asked = sorted((one["t"], one["agent"]) for one in log if one["host"] == host)
        met += sum(later[0] - earlier[0] < GAP for earlier, later in pairwise(asked) if earlier[1] != later[1])
    print(f"a host asked by two workers within {GAP} s: {met} times")


if __name__ == "__main__":
    main()
