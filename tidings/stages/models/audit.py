"""Write the data tests of the project as SQL: one query per table, over the rows that can have
become invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidings.stages.models.rendering import ModelError, Relation
from tidings.storage.lake import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.stages.models.project import Project


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its name, and a select of the rows that fail it."""

    name: str
    failing_rows: str


def table_tests(
    project: Project, written: set[str] | None = None, since: int | None = None
) -> Iterator[tuple[str, list[Test]]]:
    """Yield the name and the tests of each stored table and source.

    Args:
        project: The dbt project.
        written: Names of the tables, with their schema, that were written since the last audit;
            None for all.
        since: The snapshot of the last audit with the same rules. Rows of earlier snapshots passed
            it, so the tests check only later rows, and a uniqueness test only their keys. None for
            all rows.
    """
    for node in (*project.models.values(), *project.sources.values()):
        if node.is_stored and node.tests:
            relation = Relation("lake", node.schema, node.name)
            tests = [
                Test(
                    _name(name, node.name, arguments),
                    _failing_rows(name, relation, arguments, written, since),
                )
                for name, arguments in node.tests
                if _can_have_changed(f"{node.schema}.{node.name}", name, arguments, written)
            ]
            if tests:
                yield node.name, tests


def _can_have_changed(
    table: str, test: str, arguments: dict[str, Any], written: set[str] | None
) -> bool:
    return (
        written is None
        or table in written
        or (test == "relationships" and _parent(arguments) in written)
    )


def _parent(arguments: dict[str, Any]) -> str:
    """Return the table, with its schema, to which a relationship test refers: ``source('core',
    'articles')``.
    """
    return ".".join(
        part.strip(" '") for part in arguments["to"].removeprefix("source(").rstrip(")").split(",")
    )


def _failing_rows(
    name: str,
    relation: Relation,
    arguments: dict[str, Any],
    written: set[str] | None,
    since: int | None,
) -> str:
    rows = str(relation) if since is None else f"(from {relation} where snapshot_id > {since})"
    column = arguments.get("column_name", "")
    if name in {"unique", "unique_together"}:
        keys = ", ".join(arguments.get("columns", [column]))
        table = (
            relation
            if since is None
            else (f"(from {relation} semi join (select {keys} from {rows}) using ({keys}))")
        )
        return (
            f"select {keys}, count(*) as row_count from {table} group by {keys} having count(*) > 1"
        )
    if name == "not_null":
        return f"select * from {rows} where {column} is null"
    if name == "expression_is_true":
        return f"select * from {rows} where not ({arguments['expression']})"
    if name == "accepted_values":
        return (
            f"select * from {rows} where {column} not in"
            f" ({', '.join(quoted(str(value)) for value in arguments['values'])})"
        )
    if name == "relationships":
        parent = _parent(arguments)
        children = relation if written is None or parent in written else rows
        field = arguments["field"]
        return (
            f"select * from {children} where {column} is not null and {column} not in (select"
            f" {field} from lake.{parent})"
        )
    raise ModelError(f"{relation} has a data test {name}, which audit.py cannot write as SQL")


def _name(test: str, table: str, arguments: dict[str, Any]) -> str:
    """Return a test's name as dbt forms it: the test, the table, and its arguments."""
    named: Sequence[str] = arguments.get("columns") or [
        arguments.get("column_name") or arguments.get("expression", "")
    ]
    return f"{test}_{table}_{'__'.join(named)}"
