"""Run the nightly stages as plain functions, for tests that need many runs or a process to kill."""

import datetime as dt
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.once import made_once
from tests.storage.conftest import add_statistics, copy_lake
from tidings.base.settings import read_settings
from tidings.stages.annotate import annotate
from tidings.stages.audit import audit
from tidings.stages.build import model
from tidings.stages.clean import clean
from tidings.stages.group import group
from tidings.stages.obtain import obtain
from tidings.stages.poll import poll
from tidings.stages.prepare import prepare
from tidings.stages.release import release
from tidings.stages.run import start_run
from tidings.storage.lake import Lake, open_lake
from tidings.storage.migrate import migrate
from tidings.storage.reference import load_reference
from tidings.storage.remote_lake import lake_of
from tidings.storage.writer_lock import writer_lock

ROOT = Path(__file__).parents[2]


FACTORIES: list[Any] = []  # pytest's factory of temporary folders, during a test session


@cache
def _reference_lake(seeds: tuple[Path, ...]) -> Lake:
    """Return a lake with the reference data of these folders. Loading it takes twelve seconds of
    CPU time, so all workers of a test session copy it.
    """
    name = "reference_" + sha256(repr(seeds).encode()).hexdigest()[:8]
    made: Lake = made_once(FACTORIES[0], name, lambda folder: _load(folder, seeds))
    return made


def _load(folder: Path, seeds: tuple[Path, ...]) -> Lake:
    """Create a lake with the reference data of these folders."""
    lake = Lake(folder / "data")
    with writer_lock(lake), open_lake(lake) as con:
        migrate(con)
        load_reference(con, seeds, lake.work / "reference.state")
    add_statistics(lake)
    return lake


# The environment of Prefect is read when it is imported, so another process creates its database.
CREATE = """
import sys
from pathlib import Path
from tidings.flows.prefect_server import prefect_server
with prefect_server(Path(sys.argv[1])):
    pass
"""


def copy_prefect_database(folder: Path) -> None:
    """Copy Prefect's database without runs to a folder that has none. Creating it takes seven
    seconds of CPU time.
    """
    made: Path = made_once(FACTORIES[0], "prefect_database", _create_prefect_database)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / made.name).exists():
        shutil.copy(made, folder)


def _create_prefect_database(folder: Path) -> Path:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    subprocess.run([sys.executable, "-c", CREATE, folder], env=kept, check=True)
    return folder / "prefect.db"


def settings_for(
    warehouse: Any,
    feeds: Any,
    hosts: Any,
    seeds: str = "",
    extra: Any = (),
    *,
    is_new: bool = False,
) -> Any:
    """Return settings for a test's warehouse that allow these hosts, by default without pauses and
    with one worker process.

    A warehouse in a folder that does not exist gets the reference data, as after an earlier run,
    unless ``is_new`` is True or no test session runs.
    """
    settings = read_settings(
        {
            "TIDINGS_WAREHOUSE": str(warehouse),
            "TIDINGS_FEEDS": str(feeds),
            "TIDINGS_ALLOW_HOSTS": ",".join(hosts),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_WORKERS": "1",
            "TIDINGS_CONTACT": "tests",
            "TIDINGS_SEEDS": seeds,
            **dict(extra),
        }
    )
    is_copied = FACTORIES and not is_new and not lake_of(settings).is_shared
    if is_copied and not lake_of(settings).root.exists():
        bundled = tuple(folder for folder in settings.seeds if folder.is_relative_to(ROOT))
        copy_lake(_reference_lake(bundled), lake_of(settings).root)
    return settings


def settings_with(
    folder: Path,
    rows: Any,
    hosts: Any = (),
    seeds: str = "",
    extra: Any = (),
    *,
    columns: str = "feed_id,url",
) -> Any:
    """Return settings for a test's warehouse below a folder, with a feed list of these rows."""
    feeds = folder / "feeds.csv"
    feeds.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return settings_for(folder / "data", feeds, hosts, seeds, extra)


def collect(settings: Any, now: Any, log: Any = lambda _text: None) -> Any:
    """Run the nightly stages that poll, request and clean, and return the run."""
    run = start_run(
        settings,
        now=now if isinstance(now, dt.datetime) else dt.datetime.fromisoformat(now),
        run_id="test",
        log=log,
    )
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    return run


def night(settings: Any, now: Any, log: Any = lambda _text: None) -> Any:
    """Run the nightly stages in order and return the release."""
    return complete(collect(settings, now, log))


def finish(settings: Any, now: dt.datetime) -> Any:
    """Run the nightly stages without requests, and return the release."""
    run = start_run(settings, now=now, run_id="test")
    prepare(run)
    return complete(run)


def complete(run: Any) -> Any:
    """Run the nightly stages after cleaning, and return the release."""
    with writer_lock(run.lake):
        annotate(run)
        group(run)
        model(run)
        if not run.lake.is_shared:
            add_statistics(run.lake)
        return release(run, audit(run))


# Columns that depend on the time and place of a run. All other columns must be equal after an
# interrupted run.
PLACES = {
    "raw.captures": ("warc_file", "warc_offset", "warc_length"),
    "ops.releases": ("snapshot_id", "run_id", "code_version"),
    "ops.schema_versions": ("applied_at",),
}


def contents(lake: Any) -> Any:
    """Return the sorted rows of every table of the lake, without the columns in PLACES."""
    with open_lake(lake, read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name ="
            " 'lake'"
            " and schema_name in ('raw', 'core', 'marts', 'measures', 'ref', 'ops') order by 1"
        ).fetchall()
        rows = {}
        for (table,) in tables:
            excluded = PLACES.get(table, ())
            columns = f"* exclude ({', '.join(excluded)})" if excluded else "*"
            rows[table] = sorted(
                map(repr, con.execute(f"select {columns} from {table}").fetchall())
            )
        return rows


def load_module(path: Path) -> Any:
    """Import a Python file that is not part of a package, and return the module."""
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their module
    spec.loader.exec_module(module)
    return module
