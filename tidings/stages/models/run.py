"""Build the tables of the dbt project and test them, without dbt.

A build is one transaction of the lake: a run that is killed leaves the tables of the last build.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from graphlib import CycleError
from typing import TYPE_CHECKING, Any

import duckdb
from jinja2 import TemplateError

from tidings import paths
from tidings.annotation.slow_texts import report_slow_texts
from tidings.base.languages.plural import counted
from tidings.stages.models.audit import Test, table_tests
from tidings.stages.models.changes import (
    has_new_rules,
    prepare_connection,
    set_variables,
    transforms_version,
)
from tidings.stages.models.project import ProjectError, read_project
from tidings.stages.models.rendering import ModelError, Renderer
from tidings.stages.models.session import run_variables
from tidings.storage.lake import open_lake, transaction
from tidings.storage.release_file import changed_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from tidings.stages.models.project import Node, Project
    from tidings.storage.lake import Lake

SAMPLE_ROWS = 5
# begins the message of changed_rows.sql for a table whose columns changed
NOT_WHOLE = "not_whole: "


class TransformsError(Exception):
    """The project cannot be read. The message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A model or test that failed: the message, and for a test the number of failing rows and a
    sample of them.
    """

    name: str
    message: str
    row_count: int | None = None
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class BuildResult:
    """Result of a build: number of models built, duration, the model that failed, seconds by model,
    and the days built again.
    """

    models: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    days: tuple[dt.date, ...] = ()

    @property
    def is_ok(self) -> bool:
        """True if every model was built."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Result of an audit: number of tests passed, warnings, failures, and duration.

    ``losses`` are the failed tests in release_tests/: rows are missing, which a user may accept.
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
    select: str | None = None,
    full_refresh: bool = False,
    log: Callable[[str], None] = lambda _text: None,
) -> BuildResult:
    """Build the models in one transaction.

    Args:
        lake: The lake to read and write; the caller has its writer lock.
        as_of: The run time, with time zone. It decides which days are over.
        lexicon_version: Version of the themes and phrases in the lake.
        select: Names of models, separated by spaces; ``+`` before a name adds the models that it
            reads. None for all models. Tests use it: the next build takes a selected build for a
            complete one.
        full_refresh: Compare whole tables instead of changed rows only. A build repeats itself with
            ``full_refresh`` if the columns of a table have changed and the run would rebuild only a
            part of its rows.
        log: Receives a line for each text that takes long.

    Raises:
        TransformsError: If the project cannot be read.
    """
    started = time.monotonic()
    project = _read_project()
    nodes = _selected(project, select)
    timings: dict[str, float] = {}
    days: tuple[dt.date, ...] = ()
    node = nodes[0]
    with report_slow_texts(log), open_lake(lake) as con:
        try:
            with transaction(con):
                variables = prepare_connection(
                    con,
                    paths.TRANSFORMS,
                    run_variables(as_of, lexicon_version),
                    is_full=full_refresh,
                )
                set_variables(con, variables)
                renderer = Renderer(con, project, is_full=full_refresh)
                changed_from = variables["changed_from"]
                renderer.read_changes(
                    int(changed_from) if changed_from else None, int(variables["written_from"] or 0)
                )
                renderer.create_schemas()
                for node in nodes:
                    before = time.monotonic()
                    renderer.build(node)
                    timings[node.name] = time.monotonic() - before
                days = renderer.changed_days()
            renderer.store_descriptions()
            if renderer.has_written or renderer.has_new_sources() or has_new_rules(con, variables):
                with transaction(con):
                    con.execute(renderer.call("record_build"))
        except (duckdb.Error, ModelError) as error:
            if NOT_WHOLE in str(error) and not full_refresh:
                return build(
                    lake,
                    as_of=as_of,
                    lexicon_version=lexicon_version,
                    select=select,
                    full_refresh=True,
                    log=log,
                )
            return BuildResult(
                len(timings),
                time.monotonic() - started,
                (Failure(node.name, str(error).strip()),),
                timings,
            )
    return BuildResult(len(timings), time.monotonic() - started, (), timings, days)


def audit(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon_version: str,
    select: str | None = None,
    since: int | None = None,
    is_built: bool = True,
) -> AuditResult:
    """Run the data tests.

    Args:
        lake: The lake whose tables to test.
        as_of: The run time, as for ``build``.
        lexicon_version: Version of the themes and phrases in the lake.
        select: Names of tables and of tests in files, separated by spaces, to run only these; None
            for all.
        since: The snapshot at which the same tests last passed. The tests of a table then check
            only rows written since; None for all rows.
        is_built: Whether the tables contain everything in the lake, as after a build. Otherwise,
            the audit omits the tests of volume (release_tests/), which compare the tables with the
            lake and with the last release.

    Raises:
        TransformsError: If the project cannot be read.
    """
    started = time.monotonic()
    project = _read_project()
    failures: dict[str, list[Failure]] = {"warn": [], "fail": [], "loss": []}
    passed = 0
    with open_lake(lake, read_only=True) as con:
        variables = run_variables(as_of, lexicon_version)
        set_variables(con, variables)
        renderer = Renderer(con, project)
        written = None if since is None else changed_tables(con, since)
        for table, tests in table_tests(project, written, since):
            if select and table not in select.split():
                continue
            counts = _count_failing_rows(con, tests)
            passed += counts.count(0)
            failures["fail"] += [
                _explain(con, test, count)
                for test, count in zip(tests, counts, strict=True)
                if count
            ]
        for node in project.tests.values():
            if not is_built or (select and node.name not in select.split()):
                continue
            ((count,),) = (
                _count_failing_rows(con, [test := Test(node.name, renderer.render(node))]),
            )
            passed += not count
            if count:
                kind = "warn" if node.config.get("severity") == "warn" else "loss"
                failures[kind].append(_explain(con, test, count))
    seconds = time.monotonic() - started
    return AuditResult(
        passed, tuple(failures["warn"]), tuple(failures["fail"]), seconds, tuple(failures["loss"])
    )


def _read_project() -> Project:
    try:
        return read_project(paths.TRANSFORMS, transforms_version(paths.TRANSFORMS))
    except (TemplateError, ProjectError, CycleError) as error:
        raise TransformsError(f"The dbt project cannot be read: {str(error).strip()}") from error


def _selected(project: Project, select: str | None) -> list[Node]:
    """Return the models to build, in order."""
    if not select:
        return list(project.models.values())
    names = {name.lstrip("+") for name in select.split()}
    waiting = [name[1:] for name in select.split() if name.startswith("+")]
    while waiting:
        new = set(project.models[waiting.pop()].refs) - names
        names |= new
        waiting += new
    return [node for name, node in project.models.items() if name in names]


def _count_failing_rows(con: duckdb.DuckDBPyConnection, tests: list[Test]) -> list[int]:
    """Return the number of rows that fail each test, with one query for all."""
    counts = [
        f"select {number} as number, count(*) as n from ({test.failing_rows})"
        for number, test in enumerate(tests)
    ]
    return [
        count
        for _, count in con.execute(" union all ".join(counts) + " order by number").fetchall()
    ]


def _explain(con: duckdb.DuckDBPyConnection, test: Test, count: int) -> Failure:
    """Return a failed test with a sample of its failing rows."""
    cursor = con.execute(f"select * from ({test.failing_rows}) limit {SAMPLE_ROWS}")
    names = [column[0] for column in cursor.description or ()]
    rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Failure(
        test.name, f"Got {counted(count, 'result')}, configured to fail if != 0", count, rows
    )
