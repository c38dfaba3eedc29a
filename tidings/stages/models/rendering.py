"""Render the project's SQL on a connection and execute it, with the functions that dbt gives to a
model or test.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jinja2 import UndefinedError

from tidings.storage.comments import Comments, write_comments
from tidings.storage.release_file import changed_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    import duckdb

    from tidings.stages.models.project import Node, Project


class ModelError(Exception):
    """A model or test raised an error; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view; as text, its name in SQL. Working tables of the database ``memory`` are
    temporary tables.
    """

    database: str
    schema: str
    identifier: str

    def __str__(self) -> str:
        return (
            f'temp.main."{self.identifier}"'
            if self.database == "memory"
            else f'lake.{self.schema}."{self.identifier}"'
        )

    def incorporate(self, **_: Any) -> Relation:
        """Return this relation; dbt adds its type."""
        return self


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query, and its columns as objects with ``values()``."""

    rows: list[tuple[Any, ...]]

    @property
    def columns(self) -> list[Any]:
        """Return the columns, each with a method ``values``."""
        return [
            SimpleNamespace(values=lambda column=column: column)
            for column in zip(*self.rows, strict=True)
        ] or [SimpleNamespace(values=list)]


class Renderer:
    """The functions of dbt that the project uses, over one connection, which may be in a
    transaction.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, project: Project, *, is_full: bool = False
    ) -> None:
        self.con, self.project, self.is_full = con, project, is_full
        self.model: Node | None = None
        self._built: set[str] = set()
        self._differences: dict[str, list[str]] = {}
        self._changed: set[str] | None = set()
        self._feeds: dict[str, list[str]] = {}
        self._sources = {(node.schema, node.name) for node in project.sources.values()}
        self._read_feed: Any = project.environment.macros["change_feed"]
        query = "select schema_name, table_name from duckdb_tables() where database_name = 'lake'"
        self._stored = set(con.execute(query).fetchall())
        project.environment.names.update(
            execute=True,
            ref=self.ref,
            source=lambda schema, table: Relation(
                "lake", project.sources[schema, table].schema, table
            ),
            config=self,
            run_query=self.run_query,
            statement=self.statement,
            adapter=self,
            api=SimpleNamespace(Relation=SimpleNamespace(create=self._relation)),
            load_cached_relation=lambda relation: self.get_relation(
                "lake", relation.schema, relation.identifier
            ),
            should_full_refresh=lambda: self.is_full and self.get("full_refresh") is not False,
            flags=SimpleNamespace(FULL_REFRESH=is_full, WHICH="run"),
            target=SimpleNamespace(database="lake"),
            exceptions=SimpleNamespace(raise_compiler_error=_raise),
            graph=SimpleNamespace(
                nodes={f"model.tidings.{name}": node for name, node in project.models.items()},
                sources={
                    f"source.tidings.{'.'.join(key)}": node for key, node in project.sources.items()
                },
            ),
            persist_docs=lambda *_: "",  # store_descriptions covers all tables
            run_hooks=self.run_hooks,
            change_feed=self._change_feed,
            differences=lambda relation: self._differences.get(relation.identifier, []),
            note_differences=lambda relation, tables: self._differences.update(
                {relation.identifier: tables}
            ),
        )

    def __call__(self, **_: Any) -> str:
        """Return an empty text: a call of ``config`` in a file has been read before."""
        return ""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value of the current model's configuration."""
        return self.model.config.get(name, default) if self.model else default

    def read_changes(self, changed_from: int | None, written_from: int) -> None:
        """Find the tables that were written since the last build, before this run writes one.

        The change feed of a table is wrong in a transaction that has changed the table, so the
        feeds of the project's tables are copied. They have rows only after an interrupted run of
        dbt.

        Args:
            changed_from: The first snapshot that the last build did not read; None if it is
                unknown.
            written_from: The first snapshot after those that the last build wrote.
        """
        self._changed = None if changed_from is None else changed_tables(self.con, changed_from - 1)
        for name in sorted(changed_tables(self.con, written_from - 1)):
            schema, _, table = name.partition(".")
            if schema in {"marts", "intermediate"} and table in self.project.models:
                feed = self._read_feed(Relation("lake", schema, table))
                self.con.execute(f"create or replace temp table {table}__feed as from {feed[0]}")
                self._feeds[table] = [f"temp.main.{table}__feed"]

    def _change_feed(self, relation: Relation) -> list[Any]:
        """Return the result of the macro ``change_feed``, without a query for a table that was not
        written.
        """
        if (relation.schema, relation.identifier) not in self._sources:
            return self._feeds.get(relation.identifier, [])
        is_changed = (
            self._changed is None or f"{relation.schema}.{relation.identifier}" in self._changed
        )
        return list(self._read_feed(relation)) if is_changed else []

    def create_schemas(self) -> None:
        """Create the schemas of the models that the lake does not have yet."""
        wanted = {node.schema for node in self.project.models.values() if node.is_stored}
        names = self.con.execute(
            "select schema_name from duckdb_schemas() where database_name = 'lake'"
        ).fetchall()
        for schema in sorted(wanted - {name for (name,) in names}):
            self.con.execute(f"create schema lake.{schema}")

    def build(self, node: Node) -> None:
        """Build a model: a stored table with its materialization, or a working table or view."""
        names = self.project.environment.names
        before = self.model
        self._enter(node)
        if node.is_stored:
            names["compiled_code"] = self.render(node)
            names["pre_hooks"], names["post_hooks"] = (
                node.config.get(hook, ()) for hook in ("pre_hook", "post_hook")
            )
            names["materialization_changed_rows"]()
            self._stored.add((node.schema, node.name))
        else:
            kind = "view" if node.config.get("materialized") == "view" else "table"
            self._built.add(node.name)
            query = self.render(node)
            self.con.execute(f"create or replace temp {kind} {node.name} as ({query})")
        if before:
            self._enter(before)

    def render(self, node: Node) -> str:
        """Return the SQL of a model or test."""
        self._enter(node)
        try:
            return self.project.templates[node.name].render()
        except UndefinedError as error:
            raise ModelError(str(error)) from error

    def _enter(self, node: Node) -> None:
        self.model = node
        self.project.environment.names.update(
            this=self._relation(node.database, node.schema, node.name), model=node
        )

    def ref(self, name: str) -> Relation:
        """Return a model's relation; build it first if it is a working table that does not exist
        yet.
        """
        node = self.project.models[name]
        if not node.is_stored and name not in self._built:
            self.build(node)
        return self._relation(node.database, node.schema, name)

    @staticmethod
    def _relation(
        database: str = "memory", schema: str = "", identifier: str = "", **_: Any
    ) -> Relation:
        return Relation(database, schema, identifier)

    def call(self, macro: str, *arguments: Any) -> str:
        """Return the text that a macro of the project returns."""
        return str(self.project.environment.names[macro](*arguments))

    def run_query(self, sql: str) -> Result:
        """Execute a query and return its rows."""
        return Result(self.con.execute(sql).fetchall())

    def statement(self, _name: str, caller: Callable[[], str]) -> str:
        """Execute the SQL in a ``call statement`` block."""
        self.con.execute(caller())
        return ""

    def get_relation(self, _database: str, schema: str, identifier: str) -> Relation | None:
        """Return a stored table, or None if the lake has no such table."""
        return (
            Relation("lake", schema, identifier) if (schema, identifier) in self._stored else None
        )

    def get_columns_in_relation(self, relation: Relation) -> Sequence[Any]:
        """Return the columns of a table, each with a name and a type."""
        rows = self.con.execute(
            f"select column_name, column_type from (describe {relation})"
        ).fetchall()
        return [SimpleNamespace(name=name, dtype=kind) for name, kind in rows]

    def drop_relation(self, relation: Relation) -> None:
        """Drop a stored table."""
        self.con.execute(f"drop table {relation}")

    def commit(self) -> str:
        """Return an empty text: the caller commits all models together."""
        return ""

    def store_descriptions(self) -> int:
        """Store the descriptions of all tables and columns in the lake, and return the number of
        new and changed ones.
        """
        comments: Comments = {}
        for node in (*self.project.sources.values(), *self.project.models.values()):
            comments[node.schema, node.name, ""] = node.description
            comments |= {
                (node.schema, node.name, column): text for column, text in node.columns.items()
            }
        return write_comments(self.con, comments)

    def run_hooks(self, hooks: Any, *, inside_transaction: bool = True) -> str:
        """Execute the hooks of the current model; they are SQL with Jinja."""
        for hook in ([hooks] if isinstance(hooks, str) else hooks) if inside_transaction else ():
            self.con.execute(self.project.environment.from_string(hook).render())
        return ""

    @property
    def has_written(self) -> bool:
        """True if a stored table was written."""
        return bool(self._differences)

    def has_new_sources(self) -> bool:
        """Return whether a table that Python writes changed since the last build."""
        return self._changed is None or any(
            name.startswith(("annotations.", "core.", "raw.", "ref.")) for name in self._changed
        )

    def changed_days(self) -> tuple[dt.date, ...]:
        """Return the days whose theme tables were built again, in order; none if a selected build
        did not list them.
        """
        if "int_changed_days" not in self._built:
            return ()
        return tuple(
            day
            for (day,) in self.con.execute(
                "select published_on from temp.int_changed_days order by 1"
            ).fetchall()
        )


def _raise(message: str) -> None:
    raise ModelError(message)
