"""Build the tables with dbt, audit them with its tests, and release them."""

from __future__ import annotations

import datetime as dt
import json
from itertools import groupby
from typing import TYPE_CHECKING

from tidings.analysis.explore.word_index import index_path, write_index
from tidings.base.languages.plural import counted
from tidings.paths import TRANSFORMS
from tidings.stages.models import run as dbt_project
from tidings.stages.models.changes import is_up_to_date
from tidings.stages.models.run import AuditResult
from tidings.stages.run import code_version
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.reference import lexicon_version
from tidings.storage.release import ensure_release_file, last_release
from tidings.storage.release import release as release_lake
from tidings.storage.release_file import changed_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.base.records import Release
    from tidings.stages.models.run import Failure
    from tidings.stages.run import Run


LAST_BUILD = "intermediate.last_build"
AUDIT_FILE = "audit.json"  # result of the last audit, in the work folder, for `tidings doctor`
# sources that a poll without news changes
POLL_TABLES = frozenset({"raw.captures", "raw.feeds", "raw.feed_gaps"})
SPANS = 3  # most date ranges in a log line
REMEDY = (
    "If the rows should exist, `tidings backfill --mode reprocess --start D --end D` recreates"
    " articles of those days from the"
    " stored pages, `tidings release` rebuilds all other tables, `tidings rebuild` rebuilds the"
    " whole lake from the archive,"
    " including captures and feed entries, and `tidings restore` restores a backup."
    ' If the rows may be missing, `tidings release --accept-loss "REASON"` releases without them'
    " and records the reason."
)


class AuditError(Exception):
    """The audit found invalid or missing rows. The message names the tests and the rows."""


def model(run: Run, *, is_whole: bool = False) -> list[dt.date]:
    """Build the models for the days that changed and return these days.

    ``is_whole`` rebuilds all tables.

    Raises:
        WarehouseError: If a model failed; the message names it.
    """
    if not is_whole and _is_up_to_date(run):
        run.log("models: nothing changed since the last run")
        return []
    built = dbt_project.build(
        run.lake, as_of=run.now, lexicon_version=_lexicon(run), full_refresh=is_whole, log=run.log
    )
    if built.failures:
        raise WarehouseError(
            f"The model {built.failures[0].name} failed: {built.failures[0].message}"
        )
    run.log(
        f"{counted(built.models, 'model')} built in {built.seconds:.1f} s;"
        f" {describe_days(built.days)} rebuilt"
    )
    return list(built.days)


def _is_up_to_date(run: Run) -> bool:
    """Return whether a build would write nothing, or, with ``TIDINGS_RELEASE_ON=news``, only the
    coverage of running days.
    """
    ignored = POLL_TABLES if run.settings.release_on == "news" else frozenset()
    with open_lake(run.lake, read_only=True) as con:
        return last_release(con) is not None and is_up_to_date(
            con, TRANSFORMS, run.now, ignored=ignored
        )


def describe_days(days: Sequence[dt.date]) -> str:
    """Return the number of days and their ranges, at most the last three. The days must be
    sorted.
    """
    if not days:
        return "no days"
    runs = [
        [day for _, day in run]
        for _, run in groupby(enumerate(days), lambda pair: pair[1] - dt.timedelta(pair[0]))
    ]
    spans = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    more = "…, " if len(spans) > SPANS else ""
    return f"{counted(len(days), 'day')} ({more}{', '.join(spans[-SPANS:])})"


def audit(run: Run, accepted_loss: str | None = None) -> AuditResult:
    """Run dbt's tests on the models just built.

    ``accepted_loss`` is the user's reason to release although rows are missing. The volume tests
    then count as warnings.

    Raises:
        AuditError: If a test fails. The last release then remains unchanged.
    """
    with open_lake(run.lake, read_only=True) as con:
        before = last_release(con)
        since = before.snapshot_id if before and before.code_version == code_version() else None
        if since is not None and not _tables_to_audit(run, changed_tables(con, since)):
            run.log("audit: no table changed since the last release")
            return AuditResult(0, (), (), 0.0)
    return _run_tests(run, before, since, accepted_loss)


def _tables_to_audit(run: Run, changed: set[str]) -> set[str]:
    """Return the changed tables that make an audit necessary. With ``TIDINGS_RELEASE_ON=news``,
    polls alone do not.
    """
    tables = {name for name in changed if not name.startswith("ops.")} - {LAST_BUILD}
    if run.settings.release_on == "news":
        return {
            name for name in tables if not name.startswith("raw.") or name == "raw.feed_entries"
        }
    return tables


def audit_all(run: Run) -> AuditResult | None:
    """Run the same tests on all rows, including those that passed before.

    The volume tests are omitted, because an interrupted run may have written articles that no table
    contains yet.

    Returns:
        The result, or None if this version of the program has not released anything yet: its first
        run tests all rows.

    Raises:
        AuditError: If a test fails.
    """
    with open_lake(run.lake, read_only=True) as con:
        before = last_release(con)
    if before is None or before.code_version != code_version():
        return None
    return _run_tests(run, before, None, is_built=False)


def _run_tests(
    run: Run,
    before: Release | None,
    since: int | None,
    accepted_loss: str | None = None,
    *,
    is_built: bool = True,
) -> AuditResult:
    result = dbt_project.audit(
        run.lake, as_of=run.now, lexicon_version=_lexicon(run), since=since, is_built=is_built
    )
    failed = (*result.failed, *(() if accepted_loss else result.losses))
    warned = (*result.warned, *(result.losses if accepted_loss else ()))
    summary = {
        "passed": result.passed,
        "warned": [test.name for test in warned],
        "failed": [test.name for test in failed],
    }
    run.lake.work.mkdir(parents=True, exist_ok=True)
    (run.lake.work / AUDIT_FILE).write_text(json.dumps(summary), encoding="utf-8")
    if failed:
        if before:
            ensure_release_file(run.lake, before)
        lines = [
            f"{test.name}: {test.message} First rows: {list(test.rows[:3])}"
            for test in result.failed
        ]
        lines += [_describe_loss(test) for test in failed if test in result.losses]
        remedy = f" {REMEDY}" if result.losses else ""
        raise AuditError(
            "The audit failed, and nothing was released. " + " · ".join(lines) + remedy
        )
    for loss in result.losses:
        run.log(f"accepted: {_describe_loss(loss)}")
    for warning in result.warned:
        run.log(f"warning: {_describe_loss(warning)}")
    run.log(
        f"audit: {counted(result.passed, 'test')} passed"
        + (f", {len(warned)} warned" if warned else "")
    )
    return result


def _describe_loss(loss: Failure) -> str:
    """Return the first missing rows that a volume test reports, with their counts, and the number
    of other rows.
    """
    rows = [
        ", ".join(
            f"{name} {value}" if name.endswith("_count") else f"{value}"
            for name, value in row.items()
            if value is not None
        )
        for row in loss.rows[:3]
    ]
    more = (loss.row_count or 0) - len(rows)
    return f"{loss.name}: {'; '.join(rows)}" + (f"; and {more:,} more" if more > 0 else "")


def _lexicon(run: Run) -> str:
    with open_lake(run.lake, read_only=True) as con:
        return lexicon_version(con)


def release(run: Run, audited: AuditResult, accepted_loss: str | None = None) -> Release:
    """Release the lake's current snapshot: record it, and replace the release file.

    ``accepted_loss`` is recorded if the audit reported missing rows. If nothing has changed, the
    last release is returned.
    """
    with open_lake(run.lake) as con:
        released, is_new = release_lake(
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
    if index_path(run.lake.release_file).exists():  # a user of Explore typed words
        write_index(run.lake.release_file)
    run.log(
        f"released {released.release_id}"
        if is_new
        else f"nothing changed: {released.release_id} remains the last release"
    )
    return released
