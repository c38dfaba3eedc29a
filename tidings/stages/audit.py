"""Run the data tests of the dbt project and the tests of volume in release_tests/, which compare
the lake with the last release.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from tidings.base.batches import batches
from tidings.base.languages.plural import counted
from tidings.base.records import LastBuild
from tidings.stages.run import Run, code_version
from tidings.storage.lake import Connection, Lake, open_lake, quoted, transaction
from tidings.storage.load import has_rows, read_column
from tidings.storage.project import Arguments, Node, Project, ProjectError, read_project
from tidings.storage.reference import lexicon_version
from tidings.storage.release import (
    changed_tables,
    ensure_release_file,
    last_release,
    newest_snapshot,
)

AUDIT_FILE = "audit.json"  # result of the last audit, in the work folder, for `tidings doctor`
SAMPLE_ROWS = 5
BATCH = 8  # tests in one query
_CODE = re.compile(r"^(?!--)\S", re.MULTILINE)  # a line that is no comment
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
    """A test that failed: the number of failing rows and a sample of them."""

    name: str
    row_count: int = 0
    rows: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        """Return the first failing rows, and the number of others."""
        rows = [
            ", ".join(
                f"{name} {value}" if name.endswith("_count") else f"{value}"
                for name, value in row.items()
                if value is not None
            )
            for row in self.rows[:3]
        ]
        more = self.row_count - len(rows)
        return f"{self.name}: {'; '.join(rows)}" + (f"; and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Number of tests passed, warnings and failures. ``losses`` are failed tests in release_tests/:
    rows are missing, which a user may accept.
    """

    passed: int
    warned: tuple[Failure, ...] = ()
    failed: tuple[Failure, ...] = ()
    losses: tuple[Failure, ...] = ()


def audit(run: Run, accepted_loss: str | None = None) -> AuditResult:
    """Test all rows, if a table changed since the last release.

    With ``accepted_loss``, a reason to release although rows are missing, the tests of volume count
    as warnings. Raises AuditError if a test fails; the last release then remains.
    """
    # With TIDINGS_RELEASE_ON=news, polls alone are no reason to audit and to release.
    polls = r"|raw\.(?!feed_entries$)" * (run.settings.release_on == "news")
    unaudited = re.compile(rf"ops\.|{re.escape(LastBuild.TABLE)}$" + polls)
    with run.reading() as con:
        before = last_release(con)
        if (
            before
            and before.code_version == code_version()
            and all(map(unaudited.match, changed_tables(con, before.snapshot_id)))
        ):
            run.log("audit: no table changed since the last release")
            return AuditResult(0)
    result = run_tests(run.lake, as_of=run.now)
    failed = result.failed if accepted_loss else (*result.failed, *result.losses)
    _write_summary(run, result, failed)
    if failed:
        if before:
            ensure_release_file(run.lake, before)
        raise AuditError(
            f"The audit failed, and nothing was released. {' · '.join(map(str, failed))}"
            + f" {REMEDY}" * bool(result.losses)
        )
    return result


def _write_summary(run: Run, result: AuditResult, failed: Sequence[Failure]) -> None:
    """Log accepted losses and warnings, and write the results for `tidings doctor`."""
    accepted = [loss for loss in result.losses if loss not in failed]
    warned = [*result.warned, *accepted]
    names = {"warned": [test.name for test in warned], "failed": [test.name for test in failed]}
    run.lake.work.mkdir(parents=True, exist_ok=True)
    (run.lake.work / AUDIT_FILE).write_text(
        json.dumps({"passed": result.passed, **names}), encoding="utf-8"
    )
    if not failed:
        for test in warned:
            run.log(f"{'accepted' if test in accepted else 'warning'}: {test}")
        more = f", {len(warned)} warned" if warned else ""
        run.log(f"audit: {counted(result.passed, 'test')} passed{more}")


def run_tests(
    lake: Lake,
    *,
    as_of: dt.datetime,
    lexicon: str = "",
    select: str = "",
) -> AuditResult:
    """Run the tests, at the run time of a build.

    ``lexicon`` is the version of the word list, by default the lake's. ``select`` names tables and
    tests in files to run only these. Raises ProjectError if the project cannot be read.
    """
    project = read_project()
    chosen = set(select.split())
    with open_lake(lake, read_only=True) as con, transaction(con):
        version = lexicon or lexicon_version(con)
        variables = {"as_of": as_of.isoformat(), "lexicon_version": version}
        selects: dict[str, dict[str, str]] = {"table": {}, "error": {}, "warn": {}}
        past = _past(con, project, as_of.isoformat())
        for node in (*project.models.values(), *project.sources.values(), *project.tests.values()):
            tests, kind = _tests_of(node), "table"
            if node.name in project.tests:
                tests = {node.name: project.render(node, variables, **past)}
                kind = node.config.get("severity", "error")
            if node.name in chosen or not chosen:
                selects[kind] |= tests
        failed, losses, warned = (tuple(_run(con, tests)) for tests in selects.values())
    count = sum(map(len, selects.values())) - len(failed) - len(losses) - len(warned)
    return AuditResult(count, warned, failed, losses)


def _run(con: Connection, tests: Mapping[str, str]) -> Iterator[Failure]:
    """Yield the tests that fail, with a sample of failing rows. A query counts those of several
    tests, because each reads the lake's catalog. A test without SQL compares nothing this time.
    """
    used = [name for name, query in tests.items() if _CODE.search(query)]
    for batch in batches(used, BATCH):
        counts = " union all ".join(
            f"select {quoted(name)} as name, count(*) as n from ({tests[name]})" for name in batch
        )
        for name, count in con.execute(f"from ({counts}) where n > 0").fetchall():
            cursor = con.execute(f"select * from ({tests[name]}) limit {SAMPLE_ROWS}")
            names = [column[0] for column in cursor.description or ()]
            rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
            yield Failure(name, count, rows)


def _tests_of(node: Node) -> dict[str, str]:
    """Return selects of the rows that fail a table's tests in YAML, by name."""
    tests = {}
    for kind, arguments in () if node.is_view else node.tests:
        column = arguments.get("column_name", arguments.get("expression", ""))
        name = f"{kind}_{node.name}_{'__'.join(arguments.get('columns', [column]))}"
        tests[name] = _failing_rows(kind, node, arguments)
    return tests


def _failing_rows(kind: str, node: Node, arguments: Arguments) -> str:
    column = arguments.get("column_name", "")
    keys = ", ".join(arguments.get("columns", [column]))
    values = ", ".join(quoted(str(value)) for value in arguments.get("values", ()))
    parent = arguments.get("to", "").removeprefix("source(").rstrip(")").replace("'", "")
    field, parent = arguments.get("field"), parent.replace(", ", ".")
    conditions = {
        "not_null": f"{column} is null",
        "expression_is_true": f"not ({arguments.get('expression')})",
        "accepted_values": f"{column} not in ({values})",
        "relationships": f"{column} not in (select {field} from lake.{parent})",
    }
    if kind in {"unique", "unique_together"}:
        return f"select {keys}, count(*) as n from {node} group by {keys} having count(*) > 1"
    if kind not in conditions:
        raise ProjectError(f"{node.name} has a data test {kind}, which audit.py cannot run.")
    return f"select * from {node} where {conditions[kind]}"


def _past(con: Connection, project: Project, as_of: str) -> dict[str, Any]:
    """Return the names that the tests of volume use, such as ``at``, the clause that reads the lake
    at the last release (empty if the lake no longer stores it), and ``changed_rows``, a select of
    the rows that were written or deleted since.
    """
    known = (
        "(select * from lake.ops.releases where not coalesce(released_at >"
        f" '{as_of}'::timestamptz + interval 1 hour, false))"
    )
    (snapshot,) = read_column(
        con,
        f"select max(releases.snapshot_id) from {known} as releases semi join lake.snapshots() as"
        " snapshots on releases.snapshot_id = snapshots.snapshot_id",
    )
    newest = newest_snapshot(con)
    at = "" if snapshot is None else f"at (version => {snapshot})"

    def existed(schema: str, table: str, column: str) -> bool:
        table = f"from (describe (from lake.{schema}.{table} {at}))"
        try:
            return bool(at) and has_rows(con, f"({table} where column_name = '{column}')")
        except duckdb.CatalogException:
            return False

    def changed_rows(schema: str, table: str, column: str) -> str:
        if not existed(schema, table, column):
            return f"select {column} from lake.{schema}.{table}"
        if snapshot >= newest:
            return f"select {column} from lake.{schema}.{table} where false"
        return (
            f"select {column} from ducklake_table_changes('lake', '{schema}', '{table}',"
            f" {snapshot + 1}, {newest})"
        )

    # released articles that were deleted or whose counts could change
    columns = "article_id, content_hash, language, published_on, publisher_id, excluded_reason"
    columns += ", repeated_paragraphs" * existed("core", "articles", "repeated_paragraphs")
    changed = changed_rows("core", "articles", "article_id")
    changed_articles = (
        f"select article_id from (select {columns} from lake.core.articles {at} where article_id in"
        f" ({changed}) except select {columns} from lake.core.articles where article_id in"
        f" ({changed}))"
    )
    # whether SQL, matching or the lists of speakers changed, so that rows can differ
    rules = f"select any_value(rules_version) from lake.{LastBuild.TABLE}"
    differ = f"select ({rules} {at}) is distinct from ({rules})"
    is_known = existed("annotations", "last_build", "rules_version")
    return {
        "at": at,
        "snapshot": snapshot,
        "existed": existed,
        "changed_rows": changed_rows,
        "changed_articles": changed_articles,
        "rules_changed": not is_known or read_column(con, differ) == [True],
        "known_releases": known,
        "marts": [node for node in project.models.values() if node.schema in {"marts", "measures"}],
        "sources": list(project.sources.values()),
    }
