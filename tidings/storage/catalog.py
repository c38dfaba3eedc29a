"""Read, check and copy DuckLake's catalog."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from tidings.base.messages import REPAIR
from tidings.storage.file_store import is_plain_name
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from pathlib import Path


META = "__ducklake_metadata_lake"  # schema of the catalog's tables in a connection to the lake
# All Parquet files of all snapshots; $root is the data path.
FILES = f"""
    select
        f.data_file_id,
        t.table_id,
        s.schema_name || '.' || t.table_name as name,
        if(t.path_is_relative, if(s.path_is_relative, $root, '') || s.path, '') || t.path as folder,
        if(f.path_is_relative, folder, '') || f.path as address,
        f.end_snapshot is null as is_active
    from (
        from {META}.ducklake_data_file
        union all by name
        select * exclude (data_file_id) from {META}.ducklake_delete_file
    ) as f
    inner join {META}.ducklake_table as t
        on t.table_id = f.table_id and f.begin_snapshot >= t.begin_snapshot
        and (t.end_snapshot is null or f.begin_snapshot < t.end_snapshot)
    inner join {META}.ducklake_schema as s using (schema_id)
"""


def copy_database(source: Path, target: Path) -> None:
    """Replace a SQLite database by a consistent copy of another."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=60)) as original,
        contextlib.closing(sqlite3.connect(target, timeout=60)) as copy,
    ):
        original.backup(copy)


# All paths of DuckLake, and whether they are relative to the data path.
PATHS = """
    select path, path_is_relative from ducklake_schema
    union all select path, path_is_relative from ducklake_table
    union all select path, path_is_relative from ducklake_data_file
    union all select path, path_is_relative from ducklake_delete_file
    union all select path, path_is_relative from ducklake_files_scheduled_for_deletion
"""


def check_catalog(catalog: Path) -> None:
    """Raise WarehouseError if a catalog, which no other program may use, is damaged or contains a
    path that leaves its data path.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{catalog.absolute().as_uri()}?immutable=1", uri=True)
        ) as con:
            _check_catalog(catalog, con)
    except sqlite3.Error as error:
        raise WarehouseError(
            f"{catalog} cannot be read as a catalog: {REPAIR} ({error})."
        ) from error


def _check_catalog(catalog: Path, con: sqlite3.Connection) -> None:
    (status,) = con.execute("pragma integrity_check").fetchone()
    if status != "ok":
        raise WarehouseError(f"{catalog} is damaged: {REPAIR}.")
    for path, is_relative in con.execute(PATHS):
        name = str(path).removesuffix("/")
        if is_relative != 1 or not is_plain_name(name):
            raise WarehouseError(
                f"{catalog} contains the path {name[:200]!r} outside of its folder: use a backup of"
                f" your own."
            )
