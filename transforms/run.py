"""Run the dbt project in this process: build the tables and test them.

dbt writes its target and log files to a work folder, never into the package. Telemetry is off.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidings.transforms import session
from tidings.transforms.session import Session, run_variables
from tidings.transforms.text.slow_texts import report_slow_texts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tidings.warehouse.lake import Lake

SAMPLE_ROWS = 5
NOT_WHOLE = "not_whole: "
VOLUME = "volume"  # tag of the tests in tests/ that look for missing rows


class TransformsError(Exception):
    """dbt could not run. The message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A model or test that failed: dbt's message, and for a test the number of failing rows and a sample of them."""

    name: str
    message: str
    row_count: int | None = None
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Result of a build: number of models built, duration, the models that failed or were skipped, and seconds by model."""

    models: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """True if every model was built."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Result of an audit: number of tests passed, warnings, failures, and duration.

    ``losses`` are the failed tests of volume (transforms/tests): rows are missing, which a user may accept.
    """

    passed: int
    warned: tuple[Failure, ...]
    failed: tuple[Failure, ...]
    seconds: float
    losses: tuple[Failure, ...] = ()

    @property
    def is_ok(self) -> bool:
        """True if no test failed. Warnings do not prevent a release."""
        return not (self.failed or self.losses)


def build(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon_version: str,
    work: Path,
    select: str | None = None,
    full_refresh: bool = False,
    log: Callable[[str], None] = lambda _text: None,
) -> BuildResult:
    """Build the models.

    Args:
        lake: The lake to read and write; the caller has its writer lock.
        as_of: The run time, with time zone. It decides which days are over.
        lexicon_version: Version of the themes and phrases in the lake.
        work: Folder for dbt's files, which can be deleted at any time.
        select: dbt selection; None for all models.
        full_refresh: Compare whole tables instead of changed rows only. A build repeats itself with ``full_refresh`` if the
            columns of a table have changed and the run would rebuild only a part of its rows.
        log: Receives a line for each text that takes long.

    Raises:
        TransformsError: If dbt cannot start.
    """
    arguments = ["run", *_selection(select), *(["--full-refresh"] if full_refresh else [])]
    started = time.monotonic()
    with report_slow_texts(log):
        results = _invoke(arguments, Session(lake, run_variables(as_of, lexicon_version)), work)
    failures = tuple(
        Failure(result.node.name, (result.message or str(result.status)).strip())
        for result in results
        if str(result.status) in {"error", "skipped", "fail"}
    )
    if not full_refresh and any(NOT_WHOLE in failure.message for failure in failures):
        return build(lake, as_of=as_of, lexicon_version=lexicon_version, work=work, select=select, full_refresh=True, log=log)
    timings = {result.node.name: result.execution_time for result in results}
    return BuildResult(len(results) - len(failures), time.monotonic() - started, failures, timings)


def audit(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon_version: str,
    work: Path,
    select: str | None = None,
    since: tuple[int, int] | None = None,
    is_built: bool = True,
) -> AuditResult:
    """Run the data tests.

    Args:
        lake: The lake whose tables to test.
        as_of: The run time, as for ``build``.
        lexicon_version: Version of the themes and phrases in the lake.
        work: Folder for dbt's files.
        select: dbt selection; None for all tests.
        since: The snapshot at which the same tests last passed, and the newest snapshot. Uniqueness tests then check only keys
            written in between; None for all rows.
        is_built: Whether the tables contain everything in the lake, as after a build. Otherwise, the audit omits the tests of
            volume, which compare the tables with the lake and with the last release.

    Raises:
        TransformsError: If dbt cannot start.
    """
    # Views and working tables existed only in the process of the build. Tests of the tables built from them cover their rows.
    excluded = ["config.database:memory", *([] if is_built else [f"tag:{VOLUME}"])]
    variables = run_variables(as_of, lexicon_version)
    if since is not None:
        variables |= {"audited_until": str(since[0]), "written_until": str(since[1])}
    arguments = ["--no-populate-cache", *_selection(select), "--exclude", *excluded, "--exclude-resource-type", "unit_test"]
    return _test(["test", *arguments], Session(lake, variables), work)


def check(lake: Lake, *, as_of: dt.datetime, work: Path) -> AuditResult:
    """Run ``dbt build``, including unit tests, for developers and CI. A nightly run needs only ``build`` and ``audit``.

    Raises:
        TransformsError: If dbt cannot start.
    """
    return _test(["build"], Session(lake, run_variables(as_of, "check")), work)


def _test(arguments: list[str], current: Session, work: Path) -> AuditResult:
    started = time.monotonic()
    results = _invoke(arguments, current, work, keep_connection=True)
    failures: dict[str, list[Failure]] = {"warn": [], "fail": [], "loss": []}
    try:
        for result in results:
            status = str(result.status)
            if status in {"warn", "fail", "error"}:
                is_loss = status == "fail" and VOLUME in result.node.tags
                failures["warn" if status == "warn" else "loss" if is_loss else "fail"].append(_explain(result))
    finally:
        _close()
    passed = sum(str(result.status) == "pass" for result in results)
    seconds = time.monotonic() - started
    return AuditResult(passed, tuple(failures["warn"]), tuple(failures["fail"]), seconds, tuple(failures["loss"]))


def _selection(select: str | None) -> list[str]:
    return ["--select", select] if select else []


def _invoke(arguments: list[str], current: Session, work: Path, *, keep_connection: bool = False) -> list[Any]:
    """Run one dbt command and return its results. ``keep_connection`` lets the caller query the failing rows."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - the import takes a second, which commands without a build save

    common = ["--project-dir", str(session.PROJECT), "--profiles-dir", str(session.PROJECT)]
    paths = ["--target-path", str(work / "target"), "--log-path", str(work / "logs")]
    quiet = ["--quiet", "--no-version-check", "--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level", "none"]
    quiet.append("--no-write-json")  # the manifest takes a second to write, and nothing reads it
    with session.active(current):
        try:
            outcome = dbtRunner().invoke([*quiet, arguments[0], *common, *paths, *arguments[1:]])
        finally:
            if not keep_connection:
                _close()
    if outcome.exception is not None and not isinstance(outcome.exception, Exception):
        raise outcome.exception  # Ctrl-C and termination signals are not failures of dbt
    if outcome.exception is not None:
        message = f"dbt could not run: {str(outcome.exception).strip()}"
        raise TransformsError(message) from outcome.exception
    results: Any = outcome.result
    return list(results.results)


def _close() -> None:
    """Close dbt's connection, which dbt-duckdb would reuse, with its outdated word lists, as long as the process runs."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - see _invoke

    manager: Any = DuckDBConnectionManager
    if manager._ENV is not None:  # noqa: SLF001 - dbt-duckdb offers no other way
        manager._ENV.close()  # noqa: SLF001
        manager._ENV = None  # noqa: SLF001


def _explain(result: Any) -> Failure:
    """Return a failed test with a sample of its failing rows."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - see _invoke

    rows: tuple[dict[str, Any], ...] = ()
    query = getattr(result.node, "compiled_code", None)
    if query and str(result.status) != "error":
        manager: Any = DuckDBConnectionManager
        cursor = manager.env().handle().cursor()  # unlike the connection itself, a cursor has the run's variables
        cursor.execute(f"select * from ({query}) limit {SAMPLE_ROWS}")
        names = [column[0] for column in cursor.description]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Failure(result.node.name, (result.message or str(result.status)).strip(), result.failures, rows)
