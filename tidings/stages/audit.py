"""Test the tables: the data tests of the dbt project, and the tests of volume in release_tests/,
which compare the lake with the last release.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from itertools import filterfalse
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tidings.base.functions import create_functions
from tidings.base.languages.plural import counted
from tidings.stages.project import ProjectError, read_project
from tidings.stages.run import code_version
from tidings.storage.catalog import META
from tidings.storage.lake import open_lake, quoted
from tidings.storage.reference import lexicon_version
from tidings.storage.release import ensure_release_file, last_release
from tidings.storage.release_file import changed_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import duckdb

    from tidings.base.records import Release
    from tidings.stages.project import Arguments, Node, Project
    from tidings.stages.run import Run
    from tidings.storage.lake import Lake

AUDIT_FILE = "audit.json"  # result of the last audit, in the work folder, for `tidings doctor`
SAMPLE_ROWS = 5
REMEDY = (
    "If the rows should exist, `tidings backfill --mode reprocess --start D --end D` recreates"
    " articles of those days from the stored pages, `tidings release` rebuilds all other tables,"
    " `tidings rebuild` rebuilds the whole lake from the archive, including captures and feed"
    " entries, and `tidings restore` restores a backup. If the rows may be missing,"
    ' `tidings release --accept-loss "REASON"` releases without them and records the reason.'
)


class AuditError(Exception):
    """The audit found invalid or missing rows. The message names the tests and the rows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed: its message, the number of failing rows and a sample of them."""

    name: str
    message: str
    row_count: int = 0
    rows: tuple[dict[str, Any], ...] = ()


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


def audit(run: Run, accepted_loss: str | None = None) -> AuditResult:
    """Test the rows that were written since the last release.

    ``accepted_loss`` is the user's reason to release although rows are missing. The tests of volume
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


def audit_all(run: Run) -> AuditResult | None:
    """Run the same tests on all rows, including those that passed before.

    The tests of volume are omitted, because an interrupted run may have written articles that no
    table contains yet.

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


def _tables_to_audit(run: Run, changed: set[str]) -> set[str]:
    """Return the changed tables that make an audit necessary. With ``TIDINGS_RELEASE_ON=news``,
    polls alone do not.
    """
    tables = {name for name in changed if not name.startswith("ops.")}
    tables.discard("intermediate.last_build")
    if run.settings.release_on == "news":
        return {
            name for name in tables if not name.startswith("raw.") or name == "raw.feed_entries"
        }
    return tables


def _describe_failures(result: AuditResult, failed: Iterable[Failure]) -> str:
    lines = [
        _describe_loss(test)
        if test in result.losses
        else f"{test.name}: {test.message} First rows: {list(test.rows[:3])}"
        for test in failed
    ]
    remedy = f" {REMEDY}" if result.losses else ""
    return "The audit failed, and nothing was released. " + " · ".join(lines) + remedy


def _run_tests(
    run: Run,
    before: Release | None,
    since: int | None,
    accepted_loss: str | None = None,
    *,
    is_built: bool = True,
) -> AuditResult:
    result = run_tests(run.lake, as_of=run.now, since=since, is_built=is_built)
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
        raise AuditError(_describe_failures(result, failed))
    for word, losses in (("accepted", result.losses), ("warning", result.warned)):
        for loss in losses:
            run.log(f"{word}: {_describe_loss(loss)}")
    run.log(
        f"audit: {counted(result.passed, 'test')} passed"
        + (f", {len(warned)} warned" if warned else "")
    )
    return result


def _describe_loss(loss: Failure) -> str:
    """Return the first missing rows that a test of volume reports, with their counts, and the
    number of other rows.
    """
    rows = [
        ", ".join(
            f"{name} {value}" if name.endswith("_count") else f"{value}"
            for name, value in row.items()
            if value is not None
        )
        for row in loss.rows[:3]
    ]
    more = loss.row_count - len(rows)
    return f"{loss.name}: {'; '.join(rows)}" + (f"; and {more:,} more" if more > 0 else "")


def run_tests(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon: str = "",
    select: str = "",
    since: int | None = None,
    is_built: bool = True,
) -> AuditResult:
    """Run the tests.

    Args:
        lake: The lake whose tables to test.
        as_of: The run time, as for a build.
        lexicon: Version of the word list, by default of that in the lake.
        select: Names of tables and of tests in files, separated by spaces, to run only these.
        since: The snapshot at which the same tests last passed. The tests of a table then check
            only rows written since; None for all rows.
        is_built: Whether the tables contain everything in the lake, as after a build. Otherwise,
            the tests of volume are omitted.

    Raises:
        ProjectError: If the project cannot be read.
    """
    started = time.monotonic()
    project = read_project()
    chosen = set(select.split())
    variables = {"as_of": as_of.isoformat(), "lexicon_version": lexicon}
    with open_lake(lake, read_only=True) as con:
        create_functions(con)
        variables["lexicon_version"] = lexicon or lexicon_version(con)
        written = None if since is None else changed_tables(con, since)
        passed = 0
        failed: list[Failure] = []
        for table, tests in _table_tests(project, written, since):
            if table in chosen or not chosen:
                number, failures = _run(con, tests)
                passed, failed = passed + number, failed + failures
        kinds: dict[str, list[Failure]] = {"error": [], "warn": []}
        nodes = _volume_tests(project, chosen) if is_built else []
        past = _past(con, project, as_of.isoformat()) if nodes else {}
        for node in nodes:
            query = project.render(node, variables, **past)
            number, failures = _run(con, {node.name: query})
            passed += number
            kinds[node.config.get("severity", "error")] += failures
    seconds = time.monotonic() - started
    losses, warned = map(tuple, kinds.values())
    return AuditResult(passed, warned, tuple(failed), seconds, losses)


def _volume_tests(project: Project, chosen: set[str]) -> list[Node]:
    """Return the tests of volume, or those of these names."""
    return [node for name, node in project.tests.items() if name in chosen or not chosen]


def _run(con: duckdb.DuckDBPyConnection, tests: Mapping[str, str]) -> tuple[int, list[Failure]]:
    """Return the number of tests that passed, and the others with a sample of failing rows. One
    query counts the rows that fail all tests.
    """
    counts = " union all ".join(
        f"select {quoted(name)} as name, count(*) as n from ({query})"
        for name, query in tests.items()
    )
    failures = []
    for name, count in con.execute(f"from ({counts}) where n > 0").fetchall():
        cursor = con.execute(f"select * from ({tests[name]}) limit {SAMPLE_ROWS}")
        names = [column[0] for column in cursor.description or ()]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        message = f"Got {counted(count, 'result')}, configured to fail if != 0"
        failures.append(Failure(name, message, count, rows))
    return len(tests) - len(failures), failures


def _table_tests(
    project: Project, written: set[str] | None, since: int | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name of each table and source, and its tests: selects of failing rows, by name.

    Args:
        project: The dbt project.
        written: Names of the tables, with their schema, that were written since the last audit;
            None for all.
        since: The snapshot of the last audit with the same rules. Rows of earlier snapshots passed
            it, so the tests check only later rows, and a uniqueness test only their keys. None for
            all rows.
    """
    tables = (*project.models.values(), *project.sources.values())
    for node in filterfalse(attrgetter("is_view"), tables):
        is_written = written is None or f"{node.schema}.{node.name}" in written
        tests = {}
        for kind, arguments in node.tests:
            parent = _parent(kind, arguments)
            is_new_parent = written is None or parent in written
            if is_written or is_new_parent:
                column = arguments.get("column_name", arguments.get("expression", ""))
                name = f"{kind}_{node.name}_{'__'.join(arguments.get('columns', [column]))}"
                rows = None if parent and is_new_parent else since
                tests[name] = _failing_rows(kind, node, arguments, rows)
        if tests:
            yield node.name, tests


def _parent(kind: str, arguments: Arguments) -> str | None:
    """Return the table, with its schema, to which a relationship test refers: ``source('core',
    'articles')``; None for other tests.
    """
    if kind != "relationships":
        return None
    names = arguments["to"].removeprefix("source(").rstrip(")").split(",")
    return ".".join(part.strip(" '") for part in names)


def _failing_rows(kind: str, node: Node, arguments: Arguments, since: int | None) -> str:
    """Return a select of the rows written after a snapshot that fail a test."""
    rows = str(node) if since is None else f"(from {node} where snapshot_id > {since})"
    column = arguments.get("column_name", "")
    keys = ", ".join(arguments.get("columns", [column]))
    table = str(node) if since is None else f"(from {node} semi join {rows} using ({keys}))"
    values = ", ".join(quoted(str(value)) for value in arguments.get("values", ()))
    duplicates = f"select {keys}, count(*) as n from {table} group by {keys} having count(*) > 1"
    conditions = {
        "not_null": f"{column} is null",
        "expression_is_true": f"not ({arguments.get('expression')})",
        "accepted_values": f"{column} not in ({values})",
    }
    if parent := _parent(kind, arguments):
        conditions[kind] = f"{column} not in (select {arguments['field']} from lake.{parent})"
    if kind in {"unique", "unique_together"}:
        return duplicates
    if kind not in conditions:
        raise ProjectError(f"{node.name} has a data test {kind}, which audit.py cannot run.")
    return f"select * from {rows} where {conditions[kind]}"


def _past(con: duckdb.DuckDBPyConnection, project: Project, as_of: str) -> dict[str, Any]:
    """Return the names that the tests of volume use: ``at``, the clause that reads the lake at the
    last release, empty without one that the lake still stores; ``changed_rows``, a select of the
    rows that were written or deleted since; and others that describe the last release.
    """
    known = (
        "(select * from lake.ops.releases where not coalesce(released_at >"
        f" '{as_of}'::timestamptz + interval 1 hour, false))"
    )
    (snapshot,) = con.execute(
        f"select max(releases.snapshot_id) from {known} as releases semi join lake.snapshots() as"
        " snapshots on releases.snapshot_id = snapshots.snapshot_id"
    ).fetchone() or (None,)
    (newest,) = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone() or (0,)
    at = "" if snapshot is None else f"at (version => {snapshot})"

    def existed(schema: str, table: str, column: str) -> bool:
        alive = " and ".join(
            f"{name}.begin_snapshot <= {snapshot} and {name}.end_snapshot is null"
            for name in ("schemas", "tables", "columns")
        )
        query = f"""
            select 1 from {META}.ducklake_schema as schemas
            inner join {META}.ducklake_table as tables on schemas.schema_id = tables.schema_id
            inner join {META}.ducklake_column as columns on tables.table_id = columns.table_id
            where schemas.schema_name = '{schema}' and tables.table_name = '{table}'
            and columns.column_name = '{column}' and {alive}
        """
        return bool(at) and con.execute(query).fetchone() is not None

    def changed_rows(schema: str, table: str, column: str) -> str:
        if not existed(schema, table, column):
            return f"select {column} from lake.{schema}.{table}"
        if snapshot >= newest:
            return f"select {column} from lake.{schema}.{table} where false"
        return (
            f"select {column} from ducklake_table_changes('lake', '{schema}', '{table}',"
            f" {snapshot + 1}, {newest})"
        )

    return {
        "at": at,
        "snapshot": snapshot,
        "existed": existed,
        "changed_rows": changed_rows,
        "changed_articles": _changed_articles(at, existed, changed_rows),
        "rules_changed": _have_rules_changed(con, at, existed),
        "known_releases": known,
        "no_rows_missing": (
            "select null::varchar as table_name, null::varchar as publisher_id, null::date as"
            " published_on, null::bigint as before_count, null::bigint as after_count where false"
        ),
        "marts": [node for node in project.models.values() if node.schema in {"marts", "measures"}],
        "sources": list(project.sources.values()),
    }


def _changed_articles(
    at: str,
    existed: Callable[[str, str, str], bool],
    changed_rows: Callable[[str, str, str], str],
) -> str:
    """Return a select of the released articles that were deleted, or whose text, language, day,
    outlet, exclusion or repeated paragraphs changed.
    """
    columns = "article_id, content_hash, language, published_on, publisher_id, excluded_reason"
    if existed("core", "articles", "repeated_paragraphs"):
        columns += ", repeated_paragraphs"
    changed = changed_rows("core", "articles", "article_id")
    return (
        f"select article_id from (select {columns} from lake.core.articles {at} where article_id in"
        f" ({changed}) except select {columns} from lake.core.articles where article_id in"
        f" ({changed}))"
    )


def _have_rules_changed(
    con: duckdb.DuckDBPyConnection, at: str, existed: Callable[[str, str, str], bool]
) -> bool:
    """Return whether SQL, matching or the lists of speakers changed since the last release, so that
    mentions, statements and days can differ; also true without a release.
    """
    if not existed("intermediate", "last_build", "rules_version"):
        return True
    version = "select any_value(rules_version) from lake.intermediate.last_build"
    row = con.execute(f"select ({version} {at}) is distinct from ({version})").fetchone()
    return bool(row and row[0])
