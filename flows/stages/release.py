"""Model, audit, release: what SQL makes of the rows, dbt's tests of it, and the state that readers may cite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.stages.run import code_version
from transforms.run import AuditResult, BuildResult, audit, build
from warehouse.lake import WarehouseError, opened
from warehouse.reference import lexicon_version
from warehouse.release import last_release, publish
from warehouse.release import release as release_lake

if TYPE_CHECKING:
    from flows.stages.run import Run
    from warehouse.records import Release


class AuditError(Exception):
    """The audit found rows that must not be released; the message names the tests and the rows."""


def model(run: Run) -> BuildResult:
    """Build the models over the days that changed. Raises WarehouseError naming the model that failed."""
    with opened(run.lake, read_only=True) as con:
        version = lexicon_version(con)
    built = build(run.lake.dbt_options(), as_of=run.now, lexicon_version=version, work=run.lake.work)
    if built.failures:
        raise WarehouseError(f"The model {built.failures[0]}")
    run.tell(f"{len(built.models)} models built in {built.seconds:.1f} s")
    return built


def check(run: Run) -> AuditResult:
    """Run dbt's tests over the models. Raises AuditError when one fails; the last release then stays as it was."""
    found = audit(run.lake.dbt_options(), as_of=run.now, work=run.lake.work)
    if found.failed:
        with opened(run.lake, read_only=True) as con:
            before = last_release(con)
        if before:
            publish(run.lake, before)
        lines = [f"{name}: {message}, {count} rows, such as {rows[:3]}" for name, message, count, rows in found.failed]
        raise AuditError("The audit failed, and nothing was released. " + " · ".join(lines))
    run.tell(f"audit: {found.passed} tests passed" + (f", {found.warned} warned" if found.warned else ""))
    return found


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
            warned=audited.warned,
        )
    run.tell(f"released {made.release_id}" if is_new else f"nothing changed: {made.release_id} stays the last release")
    return made
