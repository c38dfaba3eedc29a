"""The night as plain functions, for tests that need many nights or a process to kill; the flow itself is tested beside."""

import datetime as dt

from tidings.flows.settings import read_settings
from tidings.flows.stages.clean import clean
from tidings.flows.stages.obtain import obtain
from tidings.flows.stages.poll import poll
from tidings.flows.stages.prepare import prepare
from tidings.flows.stages.release import audit, model, release
from tidings.flows.stages.run import start_run
from tidings.warehouse.lake import open_lake
from tidings.warehouse.writer_lock import writer_lock


def settings_for(warehouse, feeds, hosts, seeds="", extra=()):
    """Settings of a test's own warehouse, allowed to ask these hosts, with no gap between requests unless ``extra`` has one."""
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


def night(settings, now, log=lambda _text: None):
    """Run the night's stages in their order and return the release."""
    run = start_run(settings, now=now if isinstance(now, dt.datetime) else dt.datetime.fromisoformat(now), run_id="test", log=log)
    feeds = prepare(run)
    poll(run, feeds)
    obtain(run, feeds)
    clean(run)
    with writer_lock(run.lake):
        model(run)
        return release(run, audit(run))


# What a run's own moment and place decide: the rest must be the same however often a night was killed.
PLACES = {
    "raw.captures": ("warc_file", "warc_offset", "warc_length"),
    "ops.releases": ("snapshot_id", "run_id", "code_version"),
    "ops.schema_versions": ("applied_at",),
}


def contents(lake):
    """Every row of every table that the lake keeps, as sets a table, without what says where bytes lie."""
    with open_lake(lake, read_only=True) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake'"
            " and schema_name in ('raw', 'core', 'marts', 'ref', 'ops') order by 1"
        ).fetchall()
        found = {}
        for (table,) in tables:
            left_out = PLACES.get(table, ())
            columns = f"* exclude ({', '.join(left_out)})" if left_out else "*"
            found[table] = sorted(map(repr, con.execute(f"select {columns} from {table}").fetchall()))
        return found
