"""Find what changed since the last build, and return it as the DuckDB variables that the project's
SQL reads.

``docs/changes.md`` explains the rules. The last completed build is a row of
``intermediate.last_build``.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tidings.annotation.source_version import source_version
from tidings.annotation.udf import register_functions
from tidings.base.languages import WITHOUT_SPACES
from tidings.stages.models.project import read_project
from tidings.storage.catalog import META
from tidings.storage.lake import quoted
from tidings.storage.last_build import read_last_build
from tidings.storage.release_file import changed_tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb


_CALL = re.compile(r"\b(\w+)\(")
_REF = re.compile(r"\bref\('(\w+)'\)")


def prepare_connection(
    con: duckdb.DuckDBPyConnection,
    project: Path,
    variables: Mapping[str, str],
    *,
    is_full: bool = False,
) -> dict[str, str | None]:
    """Register the SQL functions on a connection to the lake, and return all variables of the run.

    Args:
        con: The connection, with the lake attached.
        project: The folder of the dbt project.
        variables: The run time and the version of the word list (``run_variables`` of session.py).
        is_full: Whether all tables are compared completely.

    Returns:
        The given variables, and: ``started_at``, the newest snapshot; ``changed_from`` and
        ``written_from``, the first snapshots that the last build had not read from the sources and
        not written itself; ``last_as_of``, its run time; ``whole_scopes``, the ``article_scopes``
        whose rows are all computed again, and ``others`` if all other tables are compared
        completely; ``scope_versions`` and ``rules_version`` for the next record. Null: unknown.
    """
    row = con.execute(f"select max(snapshot_id) from {META}.ducklake_snapshot").fetchone()
    started_at: int = row[0] if row else 0
    last = None if is_full else read_last_build(con)
    began_at = last.began_at if last and _has_snapshot(con, last.began_at) else None
    functions = register_functions(con, "lake")
    scopes = scope_versions(project, functions)
    code = code_version(project)
    whole = {
        scope
        for scope, version in scopes.items()
        if last is None or last.scope_versions.get(scope) != version
    }
    # The lists of speakers and words decide only rows by article, which have versions of their own.
    compares_others = (
        last is None or began_at is None or not last.rules_version.startswith(f"{code}-")
    )
    return {
        **variables,
        "started_at": str(started_at),
        "changed_from": None if began_at is None else str(began_at + 1),
        "written_from": str((last.ended_at if last and began_at is not None else started_at) + 1),
        "last_as_of": last.as_of.isoformat() if last else None,
        "whole_scopes": " ".join([*sorted(whole), *(["others"] if compares_others else [])]),
        "article_scopes": " ".join(scopes),
        "scope_versions": json.dumps(scopes, sort_keys=True),
        "rules_version": "-".join([code, *functions.values()]),
        "languages_without_spaces": " ".join(sorted(WITHOUT_SPACES)),
    }


def set_variables(con: duckdb.DuckDBPyConnection, variables: Mapping[str, str | None]) -> None:
    """Set variables on a connection or cursor, because DuckDB keeps variables per connection."""
    values = {name: "null" if value is None else quoted(value) for name, value in variables.items()}
    con.execute(";".join(f"set variable {name} = {value}" for name, value in values.items()))


def _has_snapshot(con: duckdb.DuckDBPyConnection, snapshot_id: int | None) -> bool:
    """Return whether the lake still stores a snapshot, and so all later changes."""
    query = f"select 1 from {META}.ducklake_snapshot where snapshot_id = ?"
    return snapshot_id is not None and con.execute(query, [snapshot_id]).fetchone() is not None


def has_new_rules(con: duckdb.DuckDBPyConnection, variables: Mapping[str, str | None]) -> bool:
    """Return whether the record of the last build has other versions than this run."""
    last = read_last_build(con)
    names = ("rules_version", "lexicon_version")
    return (
        last is None
        or any(getattr(last, name) != variables[name] for name in names)
        or last.began_at is None
    )


def is_up_to_date(
    con: duckdb.DuckDBPyConnection,
    project: Path,
    as_of: dt.datetime,
    *,
    ignored: frozenset[str] = frozenset(),
) -> bool:
    """Return whether a build at a time would write nothing: code, sources and all local dates are
    those of the last build.

    Args:
        con: A connection to the lake.
        project: The folder of the dbt project.
        as_of: The run time, with time zone. Within a local day of all publishers, it has no effect
            on a row.
        ignored: Source tables whose changes do not count, as ``schema.table``.
    """
    last = read_last_build(con)
    if last is None or last.began_at is None or not _has_snapshot(con, last.began_at):
        return False
    if not last.rules_version.startswith(code_version(project) + "-"):
        return False
    written = {
        name
        for name in changed_tables(con, last.ended_at)
        if name.startswith(("marts.", "intermediate."))
    }
    changed = {
        name
        for name in changed_tables(con, last.began_at)
        if name.startswith(("annotations.", "core.", "raw.", "ref."))
    } - ignored
    if changed:
        sources = read_project(project, transforms_version(project)).sources.values()
        changed = {name for name in changed if name.startswith("ref.")} | (
            changed & {f"{node.schema}.{node.name}" for node in sources}
        )
    zones = con.execute(
        "select distinct time_zone from lake.ref.publishers union select 'UTC'"
    ).fetchall()
    is_same_day = all(
        as_of.astimezone(ZoneInfo(zone)).date() == last.as_of.astimezone(ZoneInfo(zone)).date()
        for (zone,) in zones
    )
    return is_same_day and not changed and written <= {"intermediate.last_build"}


def code_version(project: Path) -> str:
    """Return a hash of the project's SQL and of the Python code of its functions, without their
    lists.
    """
    modules = (source_version(module) for module in ("candidates", "event_functions"))
    return hashlib.sha256("".join([transforms_version(project), *modules]).encode()).hexdigest()[
        :12
    ]


def transforms_version(project: Path) -> str:
    """Return a hash of the project's SQL. If it changes, all tables are compared completely
    once.
    """
    digest = hashlib.sha256()
    for path in sorted([*project.rglob("models/**/*.sql"), *project.glob("macros/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def scope_versions(project: Path, functions: Mapping[str, str]) -> dict[str, str]:
    """Return, for each scope of models by article, a hash of the rules behind their rows.

    These are the SQL of the models, of the working tables that they read and of the macros that
    they call, directly or indirectly, and the functions written in Python. If the hash changes, the
    next build computes the rows of all articles again.

    Args:
        project: The folder of the dbt project.
        functions: The version of each function that is written in Python, by name.
    """
    models = {
        path.stem: path.read_text(encoding="utf-8") for path in project.rglob("models/**/*.sql")
    }
    macros = {
        name: text
        for text in _texts(project, "macros/*.sql")
        for name in re.findall(r"\bmacro (\w+)\(", text)
    }
    limited: dict[str, set[str]] = {}
    for name, sql in models.items():
        if "scope_on='article_id'" in sql or "scope_on='event_day_on'" in sql:
            for scope in re.findall(r"\bscope='(\w+)'", sql):
                limited.setdefault(scope, set()).add(name)
    versions = {}
    for scope, names in limited.items():
        texts = _reachable([models[name] for name in sorted(names)], models, macros)
        calls = {call for text in texts for call in _CALL.findall(text)}
        rules = [
            *sorted(texts),
            *(version for name, version in sorted(functions.items()) if name in calls),
        ]
        versions[scope] = hashlib.sha256("".join(rules).encode()).hexdigest()[:12]
    return versions


def _reachable(texts: list[str], models: Mapping[str, str], macros: Mapping[str, str]) -> set[str]:
    """Return these texts and those of the working tables and macros that they use, directly or
    indirectly.
    """
    found: set[str] = set()
    while texts:
        text = texts.pop()
        if text not in found:
            found.add(text)
            texts += [macros[name] for name in _CALL.findall(text) if name in macros]
            texts += [
                models[name]
                for name in _REF.findall(text)
                if name in models and _is_working_table(name, models[name])
            ]
    return found


def _is_working_table(name: str, sql: str) -> bool:
    return name.startswith("stg_") or "database='memory'" in sql


def _texts(project: Path, pattern: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(project.glob(pattern))]
