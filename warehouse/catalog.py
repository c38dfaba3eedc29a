"""Damage: read every file of a warehouse whole, and say which are damaged and what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from tidings.warehouse.file_store import is_plain_name
from tidings.warehouse.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Every Parquet file that some snapshot reads, below the data path where it is relative; in SQL of SQLite and DuckDB.
FILES = """
    select s.schema_name || '.' || t.table_name,
        case when f.path_is_relative then
            case when t.path_is_relative then
                case when s.path_is_relative then {root} else '' end || s.path
            else '' end || t.path
        else '' end || f.path
    from (
        select table_id, path, path_is_relative, begin_snapshot from {catalog}ducklake_data_file
        union all select table_id, path, path_is_relative, begin_snapshot from {catalog}ducklake_delete_file
    ) as f
    inner join {catalog}ducklake_table as t
        on t.table_id = f.table_id and f.begin_snapshot >= t.begin_snapshot
        and (t.end_snapshot is null or f.begin_snapshot < t.end_snapshot)
    inner join {catalog}ducklake_schema as s on s.schema_id = t.schema_id
"""
META = "__ducklake_metadata_lake"


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database that others may be using, whole and as of one moment, over another."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=60)) as held,
        contextlib.closing(sqlite3.connect(target, timeout=60)) as copy,
    ):
        held.backup(copy)


# Every path of the catalog that DuckLake joins to the data path, with whether it is relative.
PATHS = """
    select path, path_is_relative from ducklake_schema
    union all select path, path_is_relative from ducklake_table
    union all select path, path_is_relative from ducklake_data_file
    union all select path, path_is_relative from ducklake_delete_file
    union all select path, path_is_relative from ducklake_files_scheduled_for_deletion
"""


def data_path_of(catalog: Path) -> str:
    """Return the folder in which a catalog's data files are. Raises WarehouseError where it is no catalog."""
    with _opened(catalog) as con:
        row = con.execute("select value from ducklake_metadata where key = 'data_path' and scope is null").fetchone()
        return str(row[0]) if row else ""


def set_data_path(catalog: Path, data_path: Path) -> None:
    """Write the folder in which a catalog's data files are from now on."""
    with _opened(catalog) as con, con:
        con.execute("update ducklake_metadata set value = ? where key = 'data_path' and scope is null", [f"{data_path}/"])


def check_catalog(catalog: Path, *, is_at_rest: bool = False) -> list[str]:
    """Return the files that a catalog names, below its data path; of one at rest nothing is written, not even beside it.

    Raises WarehouseError unless the catalog is sound and all its paths are below its data path.
    """
    with _opened(catalog, "?immutable=1" if is_at_rest else "") as con:
        (sound,) = con.execute("pragma integrity_check").fetchone()
        if sound != "ok":
            raise WarehouseError(f"{catalog} is damaged: restore a backup, or run `tidings rebuild`.")
        for path, is_relative in con.execute(PATHS):
            name = str(path).removesuffix("/")
            if is_relative != 1 or not is_plain_name(name):
                raise WarehouseError(f"{catalog} names {name[:200]!r}, which is outside of its folder: use a backup made here.")
        return [str(name) for _, name in con.execute(FILES.format(catalog="", root="''"))]


@contextlib.contextmanager
def _opened(catalog: Path, options: str = "") -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(f"{catalog.absolute().as_uri()}{options}", timeout=30, uri=True)) as con:
            yield con
    except sqlite3.Error as error:
        raise WarehouseError(f"{catalog} cannot be read as a catalog: {error}.") from error
