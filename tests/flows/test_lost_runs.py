"""A nightly run on a Prefect worker and PostgreSQL survives the end of its process and a restart of
the database.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.workers import BIN, TOP, request, running, submit, wait_for
from tests.docs.test_scale import SERVICES
from tests.fixtures import DEMO_SEEDS
from tests.flows.serving import clean_environment, descendants, free_port
from tests.flows.test_nightly import feed_list, hosts_of
from tests.storage.services import debian_postgres
from tidings.base.messages import is_connection_lost
from tidings.demo.serve import END
from tidings.storage.lake import open_lake
from tidings.storage.remote_lake import lake_at

pytestmark = pytest.mark.slow
PATIENCE = 400  # seconds for one step on a busy machine


@pytest.fixture(scope="module")
def restartable() -> Iterator[Any]:
    """Return a server with the functions ``stop`` and ``start``, outside of pytest's folder, which
    its user may not read.
    """
    with tempfile.TemporaryDirectory(prefix="tidings-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "pg"

        def control(*words: Any) -> None:
            program = max(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
            user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
            command = [*user, program, "-w", "-D", data, *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

        server: Any
        with debian_postgres(Path(folder)) as server:
            server.stop = lambda: control("-m", "fast", "stop")
            server.start = lambda: control("-o", f"-h '' -k {data}", "-l", data / "log", "start")
            yield server


def test_a_lost_connection_is_recognised(restartable: Any, tmp_path: Path) -> None:
    """Real errors of DuckDB and psycopg during and after a stop of the server are lost connections;
    a wrong query is not.
    """
    import psycopg

    url = restartable.database()
    lake = lake_at(f"{url}&data={tmp_path}/lake&folder={tmp_path}/machine", tmp_path)
    errors: list[BaseException] = []
    with open_lake(lake) as con, psycopg.connect(url, autocommit=True) as session:
        con.execute("create table t as select 1 as a")
        for ask in (con.execute, session.execute):
            with pytest.raises(Exception, match="missing") as refusal:
                ask("select * from missing")
            assert not is_connection_lost(refusal.value)
        restartable.stop()
        for ask, query in ((con.execute, "select * from t"), (session.execute, "select 1")):
            errors += failure_of(lambda ask=ask, query=query: ask(query))
    errors += failure_of(lambda: lake.exists)
    errors += failure_of(lambda: open_lake(lake).__enter__())
    assert [is_connection_lost(error) for error in errors] == [True] * 4, errors
    restartable.start()
    with open_lake(lake, read_only=True) as con:
        assert con.execute("select a from t").fetchall() == [(1,)]


def failure_of(call: Any) -> list[BaseException]:
    """Return the exception of a call in a list, or an empty list."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - the test compares all of them
        return [error]
    return []


@pytest.mark.timeout(1800)
def test_a_night_survives_the_end_of_its_process_and_a_restart_of_postgresql(
    newsroom: Any, restartable: Any, tmp_path: Path
) -> None:
    """With nothing but the files that its service mounts, setup.sh creates pool, deployments and
    automations.

    The killed run starts again, and after three seconds without PostgreSQL the same run continues;
    no article is doubled.
    """
    newsroom.set_now(END)
    api = f"http://127.0.0.1:{free_port()}/api"
    address = f"{restartable.database()}&data={tmp_path}/lake&folder={tmp_path}/machine"
    kept = clean_environment()
    env = kept | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PYTHONPATH": str(TOP),
        "TIDINGS_WAREHOUSE": address,
        "TIDINGS_FEEDS": str(feed_list(newsroom, tmp_path)),
        "TIDINGS_SEEDS": DEMO_SEEDS,
        "TIDINGS_ALLOW_HOSTS": ",".join(hosts_of(newsroom)),
        "TIDINGS_HOST_GAP": "0.05",
        "TIDINGS_WORKERS": "1",
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": restartable.database().replace(
            "postgresql:", "postgresql+asyncpg:"
        ),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
    }
    with contextlib.ExitStack() as alive:
        server: list[str | Path] = [
            BIN / "prefect",
            "server",
            "start",
            "--no-ui",
            "--port",
            api.split(":")[2].removesuffix("/api"),
        ]
        alive.enter_context(running(server, env, tmp_path / "server.log"))
        wait_for(lambda: request(f"{api}/health"), PATIENCE)
        set_up(env, tmp_path / "mounted")
        assert names_of(api, "deployments") == ["backfill", "maintain", "nightly"]
        assert "tidings" in names_of(api, "work_pools")
        assert names_of(api, "automations").count("Restart crashed runs") == 1
        worker = alive.enter_context(
            running(
                [BIN / "prefect", "worker", "start", "--pool", "tidings"], env, tmp_path / "log"
            )
        )
        run = submit(api, "nightly", {"now": END.isoformat()})
        wait_for(lambda: tasks_of(api, run)["obtain"], PATIENCE)
        os.kill(process_of(worker.pid, run), signal.SIGKILL)
        wait_for(lambda: tasks_of(api, run)["model"], PATIENCE)
        restartable.stop()
        time.sleep(3)
        restartable.start()
        wait_for(lambda: states_of(api, run)[-1] in {"Completed", "Failed", "Cancelled"}, PATIENCE)
        states = states_of(api, run)
        reason = request(f"{api}/flow_run_states/?flow_run_id={run}")[-1]["message"]
    assert states[-1] == "Completed", f"{states} {reason}"
    assert states.count("Crashed") >= 1
    with open_lake(lake_at(address, tmp_path), read_only=True) as con:
        articles, urls = con.execute(
            "select count(*), count(distinct url) from core.articles"
        ).fetchall()[0]
        assert articles == urls > 0
        assert con.execute("select count(*) from ops.releases").fetchone() == (1,)


def set_up(env: dict[str, str], folder: Path) -> None:
    """Run the service ``setup`` of the example with copies of the files that it mounts."""
    service = SERVICES["setup"]
    for source, target, _ in (volume.split(":") for volume in service["volumes"]):
        place = folder / target.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        file = TOP / "docs" / "scale" / source
        shutil.copytree(file, place) if file.is_dir() else shutil.copy(file, place)
    shell, script = service["command"]
    command = [shell, folder / script.strip("/")]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def names_of(api: str, kind: str) -> list[str]:
    return sorted(row["name"] for row in request(f"{api}/{kind}/filter", {}))


def tasks_of(api: str, run: str) -> Any:
    """Return how many tasks of each name a run has started."""
    tasks = request(f"{api}/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    return {name: sum(task["name"] == name for task in tasks) for name in ("obtain", "model")}


def states_of(api: str, run: str) -> list[str]:
    """Return the names of a run's states so far, in order."""
    return [state["name"] for state in request(f"{api}/flow_run_states/?flow_run_id={run}")]


def process_of(worker: int, run: str) -> Any:
    """Return the process of a worker that executes a run: the first of the processes with the run's
    ID in their environment, which all others descend from.

    Its ID need not be the smallest, because the system starts again at small ones.
    """
    mark = f"PREFECT__FLOW_RUN_ID={run}".encode()
    found = []
    for pid in descendants(worker):
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.append(pid)
    return found[-1]  # descendants stand before their parent
