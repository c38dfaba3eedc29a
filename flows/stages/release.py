"""Model, audit, release: what SQL makes of the rows, dbt's tests of it, and the state that readers may cite."""

from __future__ import annotations

import datetime as dt
import json
from itertools import groupby
from typing import TYPE_CHECKING

from flows.stages.run import code_version
from transforms.run import AuditResult, LakeAddress, build
from transforms.run import audit as run_tests
from warehouse.lake import WarehouseError, opened
from warehouse.reference import lexicon_version
from warehouse.release import audited_span, last_release, publish
from warehouse.release import release as release_lake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.stages.run import Run
    from warehouse.lake import Lake
    from warehouse.records import Release


AUDIT_FILE = "audit.json"  # in the work folder: what the last audit found, for the doctor
SPANS = 3  # that are named; more would be a list, not a sentence


class AuditError(Exception):
    """The audit found rows that must not be released; the message names the tests and the rows."""


def model(run: Run) -> list[dt.date]:
    """Build the models over the days that changed and return those days. Raises WarehouseError naming the model that failed."""
    before = _days(run.lake)
    built = build(_address(run.lake), as_of=run.now, lexicon_version=_lexicon(run), work=run.lake.work, tell=run.tell)
    if built.failures:
        raise WarehouseError(f"The model {built.failures[0].name} failed: {built.failures[0].message}")
    after = _days(run.lake)
    changed = sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))
    run.tell(f"{built.models} models built in {built.seconds:.1f} s; {days_told(changed)} built again")
    return changed


def days_told(days: Sequence[dt.date]) -> str:
    """Return sorted days as a person would say them: how many, and from when to when, the last three spans at most."""
    if not days:
        return "no day"
    runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda one: one[1] - dt.timedelta(one[0]))]
    spans = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    more = "…, " if len(spans) > SPANS else ""
    return f"{len(days):,} day{'s' if len(days) > 1 else ''} ({more}{', '.join(spans[-SPANS:])})"


def _days(lake: Lake) -> dict[dt.date, int]:
    """Return the days that the theme tables were last built from, each with its fingerprint; none before the first build."""
    with opened(lake, read_only=True) as con:
        if not con.execute("select 1 from duckdb_tables() where table_name = 'int_built_days'").fetchone():
            return {}
        return dict(con.execute("select published_on, day_key from intermediate.int_built_days").fetchall())


def audit(run: Run) -> AuditResult:
    """Run dbt's tests over the models. Raises AuditError when one fails; the last release then stays as it was."""
    with opened(run.lake, read_only=True) as con:
        before = last_release(con)
        since = audited_span(con, before) if before and before.code_version == code_version() else None
    return _tested(run, before, since)


def audit_all(run: Run) -> AuditResult | None:
    """Run the same tests over every row, also those that passed before, and return what they found.

    None where this version of the program has released nothing yet: its first night tests all. Raises as ``audit`` does.
    """
    with opened(run.lake, read_only=True) as con:
        before = last_release(con)
    return _tested(run, before, None) if before and before.code_version == code_version() else None


def _tested(run: Run, before: Release | None, since: tuple[int, int] | None) -> AuditResult:
    found = run_tests(_address(run.lake), as_of=run.now, lexicon_version=_lexicon(run), work=run.lake.work, since=since)
    told = {"passed": found.passed, "warned": [one.name for one in found.warned], "failed": [one.name for one in found.failed]}
    (run.lake.work / AUDIT_FILE).write_text(json.dumps(told), encoding="utf-8")
    if found.failed:
        if before:
            publish(run.lake, before)
        lines = [f"{one.name}: {one.message} Such rows: {list(one.rows[:3])}" for one in found.failed]
        raise AuditError("The audit failed, and nothing was released. " + " · ".join(lines))
    run.tell(f"audit: {found.passed} tests passed" + (f", {len(found.warned)} warned" if found.warned else ""))
    return found


def _address(lake: Lake) -> LakeAddress:
    return LakeAddress(lake.path, lake.attach_options(), lake.setup())


def _lexicon(run: Run) -> str:
    with opened(run.lake, read_only=True) as con:
        return lexicon_version(con)


def release(run: Run, audited: AuditResult) -> Release:
    """Name the lake's present state, write the release file and swap it in; return the release that readers now see."""
    with opened(run.lake) as con:
        made, is_new = release_lake(
            con,
            run.lake,
            now=run.now,
            lexicon=lexicon_version(con),
            code=code_version(),
            run_id=run.run_id,
            passed=audited.passed,
            warned=len(audited.warned),
        )
    run.tell(f"released {made.release_id}" if is_new else f"nothing changed: {made.release_id} stays the last release")
    return made
