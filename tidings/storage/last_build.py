"""The record of the last completed build of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.storage.load import known_tables

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

TABLE = "lake.intermediate.last_build"


@dataclass(frozen=True, slots=True)
class LastBuild:
    """The last completed build.

    Attributes:
        read_at: The lake's snapshot that it read; null if rows were removed from files since.
        as_of: Its run time, UTC.
        rules_version: The version of the project's SQL, a hyphen, and that of the rules behind the
            annotations.
        lexicon_version: The version of the word list.
    """

    read_at: int | None
    as_of: dt.datetime
    rules_version: str
    lexicon_version: str

    @property
    def code_version(self) -> str:
        """The version of the project's SQL."""
        return self.rules_version.partition("-")[0]


def read_last_build(con: duckdb.DuckDBPyConnection) -> LastBuild | None:
    """Return the last completed build, or None before the first."""
    if "intermediate.last_build" not in known_tables(con):
        return None
    row = con.execute(
        f"select ended_at, as_of, rules_version, lexicon_version from {TABLE}"
    ).fetchone()
    return LastBuild(*row) if row else None


def write_last_build(
    con: duckdb.DuckDBPyConnection, build: LastBuild, *, has_written: bool
) -> None:
    """Record a build, unless it wrote nothing and has the versions of the last one."""
    last = read_last_build(con)
    versions = (build.rules_version, build.lexicon_version)
    known = (last.rules_version, last.lexicon_version) if last and last.read_at is not None else ()
    if versions == known and not has_written:
        return
    con.execute("create schema if not exists lake.intermediate")
    con.execute(
        f"create table if not exists {TABLE} (ended_at bigint, as_of timestamptz,"
        " rules_version varchar, lexicon_version varchar)"
    )
    con.execute(f"delete from {TABLE}")
    con.execute(
        f"insert into {TABLE} (ended_at, as_of, rules_version, lexicon_version)"
        " values (?, ?, ?, ?)",
        [build.read_at, build.as_of, *versions],
    )
