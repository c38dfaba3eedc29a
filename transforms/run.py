"""Run the dbt project in this process: build the tables, audit them.

dbt's target and log folders lie in a work folder; nothing is written into the package and nothing is sent anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidings.transforms.text.slow_texts import report_slow_texts
from tidings.transforms.text.source_version import source_version

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

PROJECT = Path(__file__).parent
SAMPLE_ROWS = 5
NOT_WHOLE = "not_whole: "
VOLUME = "volume"  # tag of the tests in tests/ that look for missing rows


class TransformsError(Exception):
    """dbt could not do its work at all; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class LakeAddress:
    """Where the lake is: ``path`` as in ``ducklake:sqlite:/folder/catalog.sqlite``, and DuckLake's options for ATTACH.

    ``setup``: statements that come before it, which load extensions and give access; empty: what SQLite's catalog needs.
    """

    path: str
    options: Mapping[str, str]
    setup: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A model or test that did not come through: what dbt says, and for tests how many rows failed and some of them."""

    name: str
    message: str
    row_count: int | None = None
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did: models built, seconds taken, and the models that failed or were skipped for it."""

    models: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether every model was built."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What the audit found: tests passed, warnings, failures, and seconds taken.

    ``losses`` are the failed tests of volume (transforms/tests): rows are missing, which a person may accept.
    """

    passed: int
    warned: tuple[Failure, ...]
    failed: tuple[Failure, ...]
    seconds: float
    losses: tuple[Failure, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether no test failed; warnings do not hold a release back."""
        return not (self.failed or self.losses)


def build(
    lake: LakeAddress,
    *,
    as_of: dt.datetime,
    lexicon_version: str,
    work: Path,
    select: str | None = None,
    full_refresh: bool = False,
    log: Callable[[str], None] = lambda _text: None,
) -> BuildResult:
    """Build the models and return what was done.

    ``as_of`` is the night's now: it decides which days are over. ``work`` is a folder for what can be made again.
    ``full_refresh`` compares every table whole instead of only what changed; so does a build that finds a table's columns changed
    where it would make a part of its rows. ``log`` hears of texts that take long. Raises TransformsError when dbt cannot start.
    """
    arguments = ["run", *_selected(select), *(["--full-refresh"] if full_refresh else [])]
    started = time.monotonic()
    with report_slow_texts(log):
        results = _invoke(arguments, lake, work, _variables(as_of, lexicon_version))
    bad = tuple(
        Failure(result.node.name, (result.message or str(result.status)).strip())
        for result in results
        if str(result.status) in {"error", "skipped", "fail"}
    )
    if not full_refresh and any(NOT_WHOLE in failure.message for failure in bad):
        return build(lake, as_of=as_of, lexicon_version=lexicon_version, work=work, select=select, full_refresh=True, log=log)
    timings = {result.node.name: result.execution_time for result in results}
    return BuildResult(len(results) - len(bad), time.monotonic() - started, bad, timings)


def audit(
    lake: LakeAddress,
    *,
    as_of: dt.datetime,
    lexicon_version: str,
    work: Path,
    select: str | None = None,
    since: tuple[int, int] | None = None,
    is_built: bool = True,
) -> AuditResult:
    """Run the data tests and return what they found, with a few of the rows that failed.

    ``since``: the snapshot that the same tests passed before, and the newest one; rows written in between are then tested for
    being unique, in place of all. ``is_built``: whether a build has just made the tables of all that the lake holds; the tests of
    volume, which compare the tables with it and with the last release, are left out otherwise. Raises TransformsError when dbt
    cannot start.
    """
    # Views and working tables lived in the process that built them; their rows are checked by what is made of them.
    left_out = ["config.database:memory", *([] if is_built else [f"tag:{VOLUME}"])]
    only = [*_selected(select), "--exclude", *left_out, "--exclude-resource-type", "unit_test"]
    variables = _variables(as_of, lexicon_version)
    if since is not None:
        variables |= {"audited_until": str(since[0]), "written_until": str(since[1])}
    return _test(["test", "--no-populate-cache", *only], lake, work, variables)


def check(lake: LakeAddress, *, as_of: dt.datetime, work: Path) -> AuditResult:
    """Build the models in order with every test between them, given-and-expected rows too, and return what the tests found.

    For developers and CI; a night needs only ``build`` and ``audit``. Raises TransformsError when dbt cannot start.
    """
    return _test(["build"], lake, work, _variables(as_of, "check"))


def _test(arguments: list[str], lake: LakeAddress, work: Path, variables: Mapping[str, str]) -> AuditResult:
    started = time.monotonic()
    results = _invoke(arguments, lake, work, variables, keep=True)
    try:
        told: dict[str, list[Failure]] = {"warn": [], "fail": [], "loss": []}
        with _environment(lake, variables):
            for result in results:
                status = str(result.status)
                if status in {"warn", "fail", "error"}:
                    is_loss = status == "fail" and VOLUME in result.node.tags
                    told["warn" if status == "warn" else "loss" if is_loss else "fail"].append(_explain(result))
    finally:
        _close()
    passed = sum(str(result.status) == "pass" for result in results)
    seconds = time.monotonic() - started
    return AuditResult(passed, tuple(told["warn"]), tuple(told["fail"]), seconds, tuple(told["loss"]))


def transforms_version() -> str:
    """Return a hash over this project's SQL: when it changes, every day is built again."""
    digest = hashlib.sha256()
    for path in sorted([*PROJECT.rglob("models/**/*.sql"), *PROJECT.glob("macros/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def scope_versions() -> dict[str, str]:
    """Return a hash for each model that lists what is rebuilt: over the SQL of the models built by it and the macros they call.

    When it changes, what those models hold of the articles of other nights is of another rule, and is built again.
    """
    macros = [path.read_text(encoding="utf-8") for path in sorted(PROJECT.glob("macros/*.sql"))]
    named = [(re.findall(r"\bmacro (\w+)\(", text), text) for text in macros]
    digests: dict[str, Any] = {}
    for path in sorted(PROJECT.rglob("models/**/*.sql")):
        sql = path.read_text(encoding="utf-8")
        calls = set(re.findall(r"\b(\w+)\(", sql))
        called = [text for names, text in named if calls.intersection(names)]
        for scope in re.findall(r"\bscope='(\w+)'", sql):
            digests.setdefault(scope, hashlib.sha256()).update("".join([path.stem, sql, *called]).encode())
    return {scope: digest.hexdigest()[:12] for scope, digest in digests.items()}


def _variables(as_of: dt.datetime, lexicon_version: str) -> dict[str, str]:
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a zone.")
    return {
        "as_of": as_of.isoformat(),
        "lexicon_version": lexicon_version,
        "matching_version": source_version("matching"),
        "transforms_version": transforms_version(),
        **{f"sql_in_{scope}": version for scope, version in scope_versions().items()},
    }


def _selected(select: str | None) -> list[str]:
    return ["--select", select] if select else []


def _invoke(
    arguments: list[str], lake: LakeAddress, work: Path, variables: Mapping[str, str], *, keep: bool = False
) -> list[Any]:
    """Run one dbt command and return its results; ``keep`` leaves dbt's connection open for questions about them."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes a second, and a command line that builds nothing need not wait

    common = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    paths = ["--target-path", str(work / "target"), "--log-path", str(work / "logs")]
    quiet = ["--quiet", "--no-version-check", "--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level", "none"]
    quiet.append("--no-write-json")  # its manifest takes a second to write, and nothing reads it
    with _environment(lake, variables):
        try:
            outcome = dbtRunner().invoke([*quiet, arguments[0], *common, *paths, *arguments[1:]])
        finally:
            if not keep:
                _close()
    if outcome.exception is not None and not isinstance(outcome.exception, Exception):
        raise outcome.exception  # Ctrl-C, and what a termination signal raises, are no failures of dbt's
    if outcome.exception is not None:
        message = f"dbt could not run: {str(outcome.exception).strip()}"
        raise TransformsError(message) from outcome.exception
    results: Any = outcome.result
    return list(results.results)


@contextlib.contextmanager
def _environment(lake: LakeAddress, variables: Mapping[str, str]) -> Iterator[None]:
    """Tell plugin.py where the lake is and what this run's variables are, for as long as one command runs."""
    told = {
        "TIDINGS_DBT_LAKE": lake.path,
        "TIDINGS_DBT_ATTACH_OPTIONS": json.dumps(dict(lake.options)),
        "TIDINGS_DBT_SETUP": json.dumps(list(lake.setup)),
        "TIDINGS_DBT_VARIABLES": json.dumps(dict(variables)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _close() -> None:
    """Close the connection that dbt-duckdb would keep for the process's life, with the phrases that it was opened with."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - see _invoke

    manager: Any = DuckDBConnectionManager
    if manager._ENV is not None:  # noqa: SLF001 - dbt-duckdb offers no other way
        manager._ENV.close()  # noqa: SLF001
        manager._ENV = None  # noqa: SLF001


def _explain(result: Any) -> Failure:
    """Return a failed test with some of the rows that failed it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - see _invoke

    rows: tuple[dict[str, Any], ...] = ()
    query = getattr(result.node, "compiled_code", None)
    if query and str(result.status) != "error":
        manager: Any = DuckDBConnectionManager
        cursor = manager.env().handle().cursor()  # with the run's variables, which the connection itself has not
        cursor.execute(f"select * from ({query}) limit {SAMPLE_ROWS}")
        names = [column[0] for column in cursor.description]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Failure(result.node.name, (result.message or str(result.status)).strip(), result.failures, rows)
