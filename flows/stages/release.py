"""Model, audit, release: what SQL makes of the rows, dbt's tests of it, and the state that readers may cite."""

from __future__ import annotations

import datetime as dt
import json
from itertools import groupby
from typing import TYPE_CHECKING

from tidings.flows.stages.prepare import migrate_lake
from tidings.flows.stages.run import code_version
from tidings.transforms.run import AuditResult, Failure, build
from tidings.transforms.run import audit as run_tests
from tidings.warehouse.lake import WarehouseError, open_lake
from tidings.warehouse.reference import lexicon_version
from tidings.warehouse.release import ensure_release_file, last_release, snapshots_since
from tidings.warehouse.release import release as release_lake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.flows.stages.run import Run
    from tidings.warehouse.lake import Lake
    from tidings.warehouse.records import Release


AUDIT_FILE = "audit.json"  # in the work folder: what the last audit found, for the doctor
SPANS = 3  # that are named; more would be a list, not a sentence


REMEDY = (
    "If the rows should exist, `tidings backfill --mode reprocess --start D --end D` recreates articles of those days from the"
    " stored pages, `tidings release` rebuilds all other tables, `tidings rebuild` rebuilds the whole lake from the archive,"
    " including captures and feed entries, and `tidings restore` restores a backup."
    ' If the rows may be missing, `tidings release --accept-loss "REASON"` releases without them and records the reason.'
)


class AuditError(Exception):
    """The audit found rows that must not be released, or missing rows; the message names the tests and the rows."""


def model(run: Run, *, is_whole: bool = False) -> list[dt.date]:
    """Build the models over the days that changed and return those days. Raises WarehouseError naming the model that failed.

    ``is_whole`` rebuilds all tables, after it has brought the lake's schema up to date.
    """
    if is_whole:
        with open_lake(run.lake) as con:
            migrate_lake(run, con)
    before = _days(run.lake)
    built = build(
        run.lake,
        as_of=run.now,
        lexicon_version=_lexicon(run),
        work=run.lake.work,
        full_refresh=is_whole,
        log=run.log,
    )
    if built.failures:
        raise WarehouseError(f"The model {built.failures[0].name} failed: {built.failures[0].message}")
    after = _days(run.lake)
    changed = sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))
    run.log(f"{built.models} models built in {built.seconds:.1f} s; {days_told(changed)} built again")
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
    with open_lake(lake, read_only=True) as con:
        if not con.execute("select 1 from duckdb_tables() where table_name = 'int_built_days'").fetchone():
            return {}
        return dict(con.execute("select published_on, day_key from intermediate.int_built_days").fetchall())


def audit(run: Run, accepted_loss: str | None = None) -> AuditResult:
    """Run dbt's tests over the models just built. Raises AuditError when one fails; the last release then stays as it was.

    ``accepted_loss`` is a person's reason to release although rows are missing; tests that report them then count as warnings.
    """
    with open_lake(run.lake, read_only=True) as con:
        before = last_release(con)
        since = snapshots_since(con, before) if before and before.code_version == code_version() else None
    return _tested(run, before, since, accepted_loss)


def audit_all(run: Run) -> AuditResult | None:
    """Run the same tests over every row, also those that passed before, and return what they found.

    None if this version of the program has released nothing yet, because its first night tests every row. Raises AuditError as
    ``audit`` does. The tests ignore missing rows: an interrupted night may have written articles that no table contains yet.
    """
    with open_lake(run.lake, read_only=True) as con:
        before = last_release(con)
    if before is None or before.code_version != code_version():
        return None
    return _tested(run, before, None, is_built=False)


def _tested(
    run: Run,
    before: Release | None,
    since: tuple[int, int] | None,
    accepted_loss: str | None = None,
    *,
    is_built: bool = True,
) -> AuditResult:
    result = run_tests(
        run.lake,
        as_of=run.now,
        lexicon_version=_lexicon(run),
        work=run.lake.work,
        since=since,
        is_built=is_built,
    )
    refused = (*result.failed, *(() if accepted_loss else result.losses))
    warned = (*result.warned, *(result.losses if accepted_loss else ()))
    summary = {"passed": result.passed, "warned": [test.name for test in warned], "failed": [test.name for test in refused]}
    (run.lake.work / AUDIT_FILE).write_text(json.dumps(summary), encoding="utf-8")
    if refused:
        if before:
            ensure_release_file(run.lake, before)
        lines = [f"{test.name}: {test.message} Such rows: {list(test.rows[:3])}" for test in result.failed]
        lines += [_loss_told(test) for test in refused if test in result.losses]
        remedy = f" {REMEDY}" if result.losses else ""
        raise AuditError("The audit failed, and nothing was released. " + " · ".join(lines) + remedy)
    for loss in result.losses:
        run.log(f"accepted: {_loss_told(loss)}")
    for warning in result.warned:
        run.log(f"warning: {_loss_told(warning)}")
    run.log(f"audit: {result.passed} tests passed" + (f", {len(warned)} warned" if warned else ""))
    return result


def _loss_told(loss: Failure) -> str:
    """Return the missing rows that a volume test reports: the first rows with their counts, and the number of others."""
    rows = [
        ", ".join(
            f"{name} {value}" if name.endswith("_count") else f"{value}" for name, value in row.items() if value is not None
        )
        for row in loss.rows[:3]
    ]
    more = (loss.row_count or 0) - len(rows)
    return f"{loss.name}: {'; '.join(rows)}" + (f"; and {more:,} more" if more > 0 else "")


def _lexicon(run: Run) -> str:
    with open_lake(run.lake, read_only=True) as con:
        return lexicon_version(con)


def release(run: Run, audited: AuditResult, accepted_loss: str | None = None) -> Release:
    """Name the lake's present state, write the release file and swap it in; return the release that readers now see.

    ``accepted_loss`` is recorded if the audit reported missing rows.
    """
    with open_lake(run.lake) as con:
        made, is_new = release_lake(
            con,
            run.lake,
            now=run.now,
            lexicon=lexicon_version(con),
            code=code_version(),
            run_id=run.run_id,
            passed=audited.passed,
            warned=len(audited.warned) + len(audited.losses),
            accepted_loss=accepted_loss if audited.losses else None,
        )
    run.log(f"released {made.release_id}" if is_new else f"nothing changed: {made.release_id} stays the last release")
    return made
