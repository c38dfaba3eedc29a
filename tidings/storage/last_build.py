"""Read the record of the last completed build, which the dbt project writes (macro
``record_build``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import duckdb


@dataclass(frozen=True, slots=True)
class LastBuild:
    """The last completed build.

    Attributes:
        began_at: The lake's snapshot at its start; null if rows were since removed in a way that
            the change feed does not list.
        ended_at: The snapshot at its end. Later changes of the project's tables come from an
            interrupted run of dbt.
        as_of: Its run time, UTC.
        rules_version: The version of all SQL, code and lists.
        scope_versions: The version of the rules of each scope, by name.
        lexicon_version: The version of the word list.
    """

    began_at: int | None
    ended_at: int
    as_of: dt.datetime
    rules_version: str
    scope_versions: dict[str, str]
    lexicon_version: str


def read_last_build(con: duckdb.DuckDBPyConnection) -> LastBuild | None:
    """Return the last completed build, or None before the first."""
    place = "database_name = 'lake' and schema_name = 'intermediate' and table_name = 'last_build'"
    if not con.execute(f"select 1 from duckdb_tables() where {place}").fetchone():
        return None
    row = con.execute(
        "select began_at, ended_at, as_of, rules_version, scope_versions, lexicon_version from"
        " lake.intermediate.last_build"
    ).fetchone()
    if row is None:
        return None
    began_at, ended_at, as_of, rules_version, scope_versions, lexicon_version = row
    return LastBuild(
        began_at, ended_at, as_of, rules_version, json.loads(scope_versions), lexicon_version
    )
