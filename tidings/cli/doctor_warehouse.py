"""Checks of ``tidings doctor`` in a warehouse: schema, last run, audit, release file, report,
sources and files.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from tidings.analysis.report import read_manifest
from tidings.base.languages.plural import listed
from tidings.base.messages import explain
from tidings.base.records import CLOCK_TOLERANCE
from tidings.cli.doctor_machine import error, ok, warn
from tidings.cli.terminal import print_progress
from tidings.fetch.source_verdict import Verdict
from tidings.stages.alerts import SILENT
from tidings.stages.audit import AUDIT_FILE
from tidings.stages.source_health import judge, read_sources
from tidings.storage.checksums import is_intact, known_digests
from tidings.storage.find_damage import find_damage
from tidings.storage.lake import open_lake
from tidings.storage.load import known_tables
from tidings.storage.migrate import VERSION, schema_version
from tidings.storage.pending import count_uncleaned
from tidings.storage.release import last_release
from tidings.storage.release_file import file_release
from tidings.storage.remote_lake import demo_lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from tidings.cli.doctor_machine import Finding
    from tidings.storage.lake import Lake

REWRITE = "Run `tidings nightly`: it writes the file again."
STALE = dt.timedelta(hours=36)  # one day between nightly runs, and half a day of tolerance


def check_lake(lake: Lake, now: dt.datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Yield findings about the configured lake at ``now``, or about the demo's if the configured
    one does not exist.
    """
    try:
        demo = demo_lake(lake)
        if demo:
            state = f"{lake.name} has no warehouse yet; the next lines describe the demo"
            yield warn("warehouse", state, "Run `tidings nightly`.")
        yield from check_warehouse(demo or lake, now)
        if deep and (demo or lake).exists:
            yield from check_files(demo or lake)
    except Exception as failure:
        sentence = explain(failure)
        if sentence is None:
            raise
        remedy = "Check the disk and the file permissions. If they are correct, restore a backup."
        yield error("warehouse", sentence.rstrip("."), "" if lake.is_shared else remedy)


def check_warehouse(lake: Lake, now: dt.datetime) -> Iterator[Finding]:
    """Yield findings about a warehouse at ``now``. The demo has its own clock, so its last run is
    never outdated.
    """
    if lake.is_lost:
        state = f"the lake in {lake.name} is missing, but its archive exists"
        yield error("warehouse", state, "Run `tidings rebuild`.")
        return
    if not lake.exists:
        lake.setup()  # raises if this machine has no access to the data
        remedy = "Run `tidings demo` or `tidings nightly`."
        yield error("warehouse", f"{lake.name} has no warehouse yet", remedy)
        return
    with open_lake(lake, read_only=True) as con:
        stored = schema_version(con)
        if stored > VERSION:
            state = f"has schema {stored}, but this version supports {VERSION}"
            yield error("warehouse", f"{lake.name} {state}", "Upgrade Tidings.")
        elif stored < VERSION:
            state = f"{lake.name} has schema {stored} of {VERSION}"
            yield warn("warehouse", state, "No action is needed: the next nightly run upgrades it.")
        else:
            yield ok("warehouse", f"{lake.name}, schema {stored}")
        yield _check_last_run(con, now, is_demo=lake.root.name == "demo")
        yield _check_audit(con, lake)
        yield from _check_release(con, lake)
        yield from _check_sources(con, now)


def check_files(lake: Lake) -> Iterator[Finding]:
    """Read every file of a warehouse completely. Yield one finding per damaged file, or one finding
    if no file is damaged.
    """
    damages = list(find_damage(lake, print_progress))
    for damage in damages:
        yield error(damage.name, damage.problem, damage.todo)
    if not damages:
        yield ok("files", "every table, every archive record and the release file is readable")


def _check_last_run(con: duckdb.DuckDBPyConnection, now: dt.datetime, *, is_demo: bool) -> Finding:
    query = (
        "select max(last_polled_at), max(last_polled_at) filter (last_polled_at <= $latest)"
        " from raw.feed_states"
    )
    last, past = con.execute(query, {"latest": now + CLOCK_TOLERANCE}).fetchall()[0]
    if last is None:
        return error("last run", "no source has been polled yet", "Run `tidings nightly`.")
    if is_demo:
        return ok("last run", f"{last:%Y-%m-%d}, the simulated time of the demo")
    if last != past and (past is None or now - past > STALE):
        time = f"{last:%Y-%m-%d %H:%M} UTC"
        state = f"the clock of a run was ahead: its polls have the time {time}, in the future"
        remedy = "Check the clocks of your machines, then run `tidings nightly`: it polls all."
        return error("last run", state, remedy)
    age = now - past
    shown = f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} hours"
    state = f"last poll {past:%Y-%m-%d %H:%M} UTC, {shown} ago"
    if age > STALE:
        return error("last run", state, "Run `tidings nightly`, or start `tidings serve`.")
    return ok("last run", state)


def _check_audit(con: duckdb.DuckDBPyConnection, lake: Lake) -> Finding:
    """Return the result of the last audit from its file, or from the last release if another
    machine ran the audit.
    """
    try:
        audit: dict[str, Any] = json.loads((lake.work / AUDIT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        last = last_release(con) if lake.is_shared else None
        if last:
            state = f"{last.audit_passed} tests passed for the last release, on another machine"
            return ok("audit", state)
        return warn("audit", "no audit has run yet", "Run `tidings nightly`.")
    failed, warned = audit["failed"], audit["warned"]
    if failed:
        remedy = (
            "The last release is still in use. Find the rows in the run's log, fix their cause,"
            " and run `tidings nightly` again."
        )
        return error("audit", f"the last audit failed: {listed(failed, 2)}", remedy)
    if warned:
        state = f"passed with {len(warned)} warnings: {', '.join(warned[:2])}"
        return warn("audit", state, "Read them in the run's log.")
    return ok("audit", f"{audit['passed']} tests passed")


def _check_release(con: duckdb.DuckDBPyConnection, lake: Lake) -> Iterator[Finding]:
    last = last_release(con)
    if last is None:
        remedy = "Run `tidings nightly` and read the last lines of its output."
        yield error("release", "no release yet", remedy)
        return
    if (written := file_release(lake.release_file)) != last.release_id:
        if lake.is_shared:
            state = f"{last.release_id}; this machine has {written or 'no release'}, and the next"
            yield ok("release", f"{state} command that reads it writes {lake.release_file}")
        else:
            state = f"{lake.release_file.name} is not the file of {last.release_id}"
            yield error("release", state, REWRITE)
        return
    if known_digests(lake.release_file) and not is_intact(lake.release_file):
        yield error("release", f"{lake.release_file.name} is damaged", REWRITE)
        return
    yield ok("release", f"{last.release_id}, {lake.release_file}")
    shown = read_manifest(lake.report).release_id
    if shown == last.release_id:
        yield ok("report", f"{lake.report / 'index.html'}")
    elif lake.is_shared:
        state = "another machine made the last release, and its report"
        yield warn("report", state, "`tidings report --whole` writes it here.")
    else:
        state = f"outdated: it shows {shown}" if shown else "not written yet"
        yield error("report", state, "Run `tidings report`.")


def _check_sources(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> Iterator[Finding]:
    judged = judge(read_sources(con))
    bad = [f"{s.poll.feed_id} ({verdict})" for verdict, s in judged if verdict is not Verdict.FINE]
    state = f"{len(judged)} in total, {len(bad)} with a problem"
    if bad:
        remedy = "`tidings status` shows the reasons and the next steps."
        yield warn("sources", f"{state}: {listed(bad, 3)}", remedy)
    else:
        yield ok("sources", state)
    has_mart = "marts.outlet_daily" in known_tables(con)
    for (sentence,) in con.execute(SILENT, {"now": now}).fetchall() if has_mart else ():
        remedy = "Open its website, and run `tidings feeds check` for its feeds."
        yield warn("sources", sentence, remedy)
    if pending := count_uncleaned(con):
        remedy = "No action is needed: the next nightly run cleans them."
        yield warn("pages", f"{pending:,} not cleaned yet", remedy)
