"""Run the nightly stages as plain functions, for tests that need many runs or a process to kill."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from tidings.flows.settings import read_settings
from tidings.flows.stages.clean import clean
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.release import audit, model, release
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake
from tidings.warehouse.writer_lock import writer_lock

if TYPE_CHECKING:
    from pathlib import Path


def settings_for(warehouse: Any, feeds: Any, hosts: Any, seeds: str = "", extra: Any = ()) -> Any:
    """Return settings for a test's warehouse that allow these hosts, without pauses between requests by default."""
    return read_settings(
        {
            "TIDINGS_WAREHOUSE": str(warehouse),
            "TIDINGS_FEEDS": str(feeds),
            "TIDINGS_ALLOW_HOSTS": ",".join(hosts),
            "TIDINGS_HOST_GAP": "0",
            "TIDINGS_CONTACT": "tests",
            "TIDINGS_SEEDS": seeds,
            **dict(extra),
        }
    )


def collect(settings: Any, now: Any, log: Any = lambda _text: None) -> Any:
    """Run the nightly stages that poll, request and clean, and return the run."""
    run = start_run(settings, now=now if isinstance(now, dt.datetime) else dt.datetime.fromisoformat(now), run_id="test", log=log)
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    return run


def night(settings: Any, now: Any, log: Any = lambda _text: None) -> Any:
    """Run the nightly stages in order and return the release."""
    run = collect(settings, now, log)
    with writer_lock(run.lake):
        model(run)
        return release(run, audit(run))


# Columns that depend on the time and place of a run. All other columns must be equal after an interrupted run.
PLACES = {
    "raw.captures": ("warc_file", "warc_offset", "warc_length"),
    "ops.releases": ("snapshot_id", "run_id", "code_version"),
    "ops.schema_versions": ("applied_at",),
}


def contents(lake: Any) -> Any:
    """Return the sorted rows of every table of the lake, without the columns in PLACES."""
    with open_lake(lake, read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake'"
            " and schema_name in ('raw', 'core', 'marts', 'ref', 'ops') order by 1"
        ).fetchall()
        rows = {}
        for (table,) in tables:
            excluded = PLACES.get(table, ())
            columns = f"* exclude ({', '.join(excluded)})" if excluded else "*"
            rows[table] = sorted(map(repr, con.execute(f"select {columns} from {table}").fetchall()))
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
