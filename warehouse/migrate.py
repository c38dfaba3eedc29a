"""The schema's versions: SQL files in migrations/, applied in order, each in one transaction and once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tidings.warehouse.lake import WarehouseError, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

FOLDER = Path(__file__).parent / "migrations"


def migrate(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Bring the lake in use to this program's schema and return the versions applied now, often none.

    Call it with the writer lock held. Raises WarehouseError when the lake was written by a newer program.
    """
    con.execute("call lake.set_option('parquet_compression', 'zstd')")
    files = _files()
    fresh = sorted(set(files) - _known_versions(con, files))
    for version in fresh:
        with transaction(con):
            con.execute(files[version].read_text(encoding="utf-8"))
            con.execute("insert into ops.schema_versions values (?, ?, now())", [version, files[version].name])
    return fresh


def require_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Raise WarehouseError unless the lake in use has exactly this program's schema."""
    files = _files()
    done = _known_versions(con, files)
    if missing := set(files) - done:
        before = f"schema {max(done)}" if done else "no schema"
        raise WarehouseError(
            f"This warehouse has {before}; this program needs schema {max(missing)}: run `tidings nightly` first."
        )


def _files() -> dict[int, Path]:
    return {int(path.name.split("_", 1)[0]): path for path in sorted(FOLDER.glob("*.sql"))}


def _known_versions(con: duckdb.DuckDBPyConnection, files: Mapping[int, Path]) -> set[int]:
    done = applied_versions(con)
    if newer := done - set(files):
        message = f"This warehouse has schema {max(newer)}, which is newer than this program's {max(files)}: upgrade Tidings."
        raise WarehouseError(message)
    return done


def applied_versions(con: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the schema versions that the lake in use has; none for a lake just made."""
    there = con.execute(
        "select count(*) from information_schema.tables where table_catalog = 'lake' and table_schema = 'ops'"
        " and table_name = 'schema_versions'"
    ).fetchone()
    if not there or not there[0]:
        return set()
    return {row[0] for row in con.execute("select version from ops.schema_versions").fetchall()}
