"""What the doctor says of a warehouse: its schema, its last night, its audits, its release file and report, its sources."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

from tidings.flows.cli.findings import fix, look, well
from tidings.flows.report import read_manifest
from tidings.flows.stages.alerts import FAILURES, SILENT
from tidings.flows.stages.release import AUDIT_FILE
from tidings.warehouse.checksums import is_intact, known_digests
from tidings.warehouse.find_damage import find_damage
from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.migrate import FOLDER, applied_versions
from tidings.warehouse.pending import count_uncleaned
from tidings.warehouse.release import last_release
from tidings.warehouse.release_file import file_release

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from tidings.flows.cli.findings import Finding
    from tidings.warehouse.lake import Lake

STALE = dt.timedelta(hours=36)  # a night a day, and half a day for one that is late


def examine_warehouse(lake: Lake, now: dt.datetime) -> Iterator[Finding]:
    """Yield what is to be said of a warehouse at an instant; the demo's, whose clock is its own, is never called stale."""
    if lake.is_lost:
        yield fix("warehouse", f"the lake in {lake.root} is missing, but its archive exists", "Run `tidings rebuild`.")
        return
    if not lake.exists:
        yield fix("warehouse", f"there is none in {lake.root} yet", "Run `make demo` or `make night`.")
        return
    try:
        with open_lake(lake, read_only=True) as con:
            yield from _examine_schema(con, lake)
            yield _examine_night(con, now, is_demo=lake.root.name == "demo")
            yield _examine_audit(lake.work / AUDIT_FILE)
            yield from _examine_release(con, lake)
            yield from _examine_sources(con, now)
    except WarehouseError as error:
        yield fix(
            "warehouse", str(error).rstrip("."), "If the disk and the rights are in order, restore the folder from a backup."
        )


def examine_files(lake: Lake) -> Iterator[Finding]:
    """Read every file of a warehouse completely, and yield a finding for each damaged file, or one if none is damaged."""
    damaged = list(find_damage(lake, lambda text: print(f"tidings: {text}", file=sys.stderr)))
    for damage in damaged:
        yield fix(damage.name, damage.problem, damage.todo)
    if not damaged:
        yield well("files", "every table, every archive record and the release file can be read")


def _examine_schema(con: duckdb.DuckDBPyConnection, lake: Lake) -> Iterator[Finding]:
    ours = {int(path.name.split("_", 1)[0]) for path in FOLDER.glob("*.sql")}
    held = applied_versions(con)
    if held - ours:
        yield fix("warehouse", f"{lake.root} has schema {max(held)}, this program knows {max(ours)}", "Upgrade Tidings.")
    elif ours - held:
        yield look(
            "warehouse", f"{lake.root} has schema {max(held, default=0)} of {max(ours)}", "Nothing: the next night brings it up."
        )
    else:
        yield well("warehouse", f"{lake.root}, schema {max(held)}")


def _examine_night(con: duckdb.DuckDBPyConnection, now: dt.datetime, *, is_demo: bool) -> Finding:
    last: dt.datetime | None = _one(con, "select max(last_polled_at) from raw.feed_states")
    if last is None:
        return fix("last night", "no source has been polled yet", "Run `make night`.")
    if is_demo:
        return well("last night", f"{last:%Y-%m-%d} by the demo's own clock")
    age = now - last
    told = f"polled {last:%Y-%m-%d %H:%M} UTC, {_age(age)} ago"
    return fix("last night", told, "Run `make night`, or start `tidings serve`.") if age > STALE else well("last night", told)


def _age(age: dt.timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} hours"


def _examine_audit(written: Path) -> Finding:
    """Return what the last audit wrote of itself."""
    try:
        found: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return look("audit", "none was run here yet", "Run a night.")
    bad, warned = found["failed"], found["warned"]
    if bad:
        more = f" and {len(bad) - 2} more" if len(bad) > 2 else ""
        return fix(
            "audit", f"the last one failed: {', '.join(bad[:2])}{more}",
            "The last release stands. The night's log names the rows; put their cause right and run the night again.",
        )  # fmt: skip
    if warned:
        return look("audit", f"passed with {len(warned)} warnings: {', '.join(warned[:2])}", "Read them in the night's log.")
    return well("audit", f"{found['passed']} tests passed")


def _examine_release(con: duckdb.DuckDBPyConnection, lake: Lake) -> Iterator[Finding]:
    last = last_release(con)
    if last is None:
        yield fix("release", "nothing was released yet", "Run a night; its last lines say what holds it up.")
        return
    if file_release(lake.release_file) != last.release_id:
        yield fix("release", f"{lake.release_file.name} is not of {last.release_id}", "Run a night: it writes the file again.")
        return
    if known_digests(lake.release_file) and not is_intact(lake.release_file):
        yield fix("release", f"{lake.release_file.name} is damaged", "Run a night: it writes the file again.")
        return
    yield well("release", f"{last.release_id}, {lake.release_file}")
    shown = read_manifest(lake.report).release_id
    if shown == last.release_id:
        yield well("report", f"{lake.report / 'index.html'}")
    else:
        yield fix("report", f"it is of {shown or 'no release'}", "Run `tidings report`.")


def _examine_sources(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> Iterator[Finding]:
    failing = con.execute(
        "select feed_id from raw.feed_states where failure_count >= ? or retired_at is not null order by all", [FAILURES]
    ).fetchall()
    held = _one(con, "select count(*) from raw.feed_states")
    if failing:
        names = ", ".join(row[0] for row in failing[:3]) + (f" and {len(failing) - 3} more" if len(failing) > 3 else "")
        yield look("sources", f"{len(failing)} of {held} fail: {names}", "`tidings status` says why and what to do.")
    else:
        yield well("sources", f"none of {held} fails")
    there = _one(con, "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = 'outlet_daily'")
    for (sentence,) in con.execute(SILENT, {"now": now}).fetchall() if there else ():
        yield look("sources", sentence, "Look at its site; `tidings feeds check` says what its feeds show.")
    waiting = count_uncleaned(con)
    if waiting:
        yield look("pages", f"{waiting:,} wait for cleaning", "Nothing: the next night finishes them.")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None
