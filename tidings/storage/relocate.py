"""Move a lake to another location, or adopt a folder that was copied or moved with other tools.

DuckLake's catalog contains the full path of its data files, so that two copies cannot write to each
other's files by mistake. ``adopt_folder`` changes this path after it has checked that all files of
the catalog are in the folder and not shared.

``move_lake`` copies the files first, with the same names, and then the catalog's rows in one
transaction. Until that commit the target has no lake, so an interrupted move can be repeated and
skips the files that are copied. The source does not change.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from tidings.base.languages.plural import counted
from tidings.base.records import Release
from tidings.storage.backup import MANIFEST
from tidings.storage.catalog import check_catalog, data_path_of, set_data_path
from tidings.storage.checksums import known_digests, replace_file, size_and_digest
from tidings.storage.file_store import copy_file
from tidings.storage.lake import WarehouseError, connect, open_lake, quoted, transaction
from tidings.storage.load import read_records
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.storage.file_store import Store
    from tidings.storage.lake import Lake

    Prints = dict[str, tuple[int, int]]


def adopt_folder(lake: Lake, log: Callable[[str], None] = lambda _text: None) -> str | None:
    """Adopt a copied or moved warehouse and return its former folder, or None if the folder has not
    changed.

    Raises WarehouseError, and changes nothing, if the folder has no warehouse, a file is missing or
    outside of the folder, a part of the warehouse is a link, or a run is writing to it.
    """
    if lake.is_shared:
        raise WarehouseError(
            f"{lake.name} is the URL of a lake: only a warehouse in a folder can be adopted."
        )
    if not lake.catalog.is_file():
        raise WarehouseError(
            f"There is no warehouse in {lake.root}: use the folder that contains"
            f" lake/ and archive/."
        )
    if (lake.root / MANIFEST).exists():
        raise WarehouseError(
            f"{lake.root} is a backup: set TIDINGS_WAREHOUSE to a new folder and run `tidings"
            f" restore {lake.root}`."
        )
    for part in (
        lake.catalog.parent,
        lake.catalog,
        lake.data_path,
        lake.archive,
        lake.root / "writer.lock",
    ):
        if part.is_symlink() or (part.is_file() and part.stat().st_nlink > 1):
            raise WarehouseError(
                f"{part} is a link to another warehouse: copy the folder with `cp"
                f" -rL`, then adopt the copy."
            )
    with writer_lock(lake, patience=5, log=log):
        before = data_path_of(lake.catalog).rstrip("/")
        names = check_catalog(lake.catalog)
        if missing := [name for name in names if not (lake.data_path / name).is_file()]:
            raise WarehouseError(
                f"{len(missing)} of the {len(names)} files that the catalog names are missing, such"
                f" as {lake.data_path / missing[0]}: copy the whole warehouse again while nothing"
                " writes to it."
            )
        if before == str(lake.data_path):
            return None
        set_data_path(lake.catalog, lake.data_path)
        with open_lake(lake, read_only=True):  # check that the lake opens
            return str(before).removesuffix("/lake/data")


CHUNK = 8 * 2**20


@dataclass(frozen=True, slots=True)
class MoveResult:
    """Result of a move: numbers of files, bytes, tables of the newest snapshot, and releases; all
    were compared.
    """

    files: int
    byte_count: int
    tables: int
    releases: int


def move_lake(
    source: Lake, target: Lake, log: Callable[[str], None] = lambda _text: None
) -> MoveResult:
    """Copy a lake with its archive and releases to an unused location, compare both, and return the
    counts.

    Both writer locks are held meanwhile. Raises WarehouseError if the source has no lake, the
    target has one, or the copy differs from the source. The source does not change.
    """
    if not source.exists:
        raise WarehouseError(f"There is no warehouse in {source.name} to move.")
    if source.path == target.path:
        raise WarehouseError(f"Both locations are the same lake, {source.name}.")
    with writer_lock(source, log=log), writer_lock(target, log=log):
        if target.exists:
            with open_lake(target, read_only=True) as con:
                newest = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()
            if newest != (0,):  # it has data, unlike after an interrupted move
                raise WarehouseError(
                    f"{target.name} already contains a warehouse: choose a location"
                    f" without a warehouse."
                )
        count, size = 0, 0
        for name, here, there in (
            ("archive", source.raw, target.raw),
            ("lake", source.files, target.files),
        ):
            files, byte_count = _copy_files(here, there)
            log(
                f"{name}: {counted(files, 'file')}, {counted(byte_count, 'byte')} copied and"
                f" verified"
            )
            count, size = count + files, size + byte_count
        _copy_catalog(source, target)
        tables, releases = _check(source, target, log)
        _copy_release_file(source, target)
    return MoveResult(count, size, tables, releases)


def _copy_files(source: Store, target: Store) -> tuple[int, int]:
    """Copy the files that the target lacks, compare all files, and return their number and size in
    bytes.
    """
    there = set(target.names())
    count = size = 0
    for name in source.names():
        if name not in there or target.size(name) != source.size(name):
            copy_file(source, target, name)
        if _digest(source, name) != _digest(target, name):
            raise WarehouseError(
                f"{name} is not the same after copying: the move stops, and the"
                f" warehouse stays where it is."
            )
        count, size = count + 1, size + source.size(name)
    return count, size


def _digest(store: Store, name: str) -> str:
    digest = hashlib.sha256()
    size, offset = store.size(name), 0
    while offset < size:
        chunk = store.read(name, offset, CHUNK)
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()


def _copy_catalog(source: Lake, target: Lake) -> None:
    """Create a catalog in the target and replace its rows by the source's, converted to the types
    of its database.
    """
    connect(target).close()
    con = duckdb.connect()
    try:
        con.execute("set TimeZone = 'UTC'")
        for statement in dict.fromkeys([*source.setup(), *target.setup()]):
            con.execute(statement)
        con.execute(source.attach_catalog("old"))
        con.execute(target.attach_catalog("new"))
        old, new = _catalog_tables(con, "old"), _catalog_tables(con, "new")
        if unknown := sorted(set(old) - set(new)):
            raise WarehouseError(
                f"The catalog in {source.name} has a table that a new one lacks, {unknown[0]}."
            )
        with transaction(con):
            for table, columns in new.items():
                con.execute(f"delete from new.{table}")
                if table in old:
                    listed = ", ".join(
                        f"{name}::{kind}" for name, kind in columns.items() if name in old[table]
                    )
                    names = ", ".join(name for name in columns if name in old[table])
                    con.execute(
                        f"insert into new.{table} ({names}) select {listed} from old.{table}"
                    )
            path = quoted(target.attach_options()["DATA_PATH"])
            con.execute(f"update new.ducklake_metadata set value = {path} where key = 'data_path'")
    except duckdb.Error as error:
        raise WarehouseError(f"The catalog could not be moved: {target.explain(error)}") from error
    finally:
        con.close()


def _catalog_tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    rows = con.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and starts_with(table_name, 'ducklake_') order by table_name,"
        " column_index",
        [database],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = kind
    return tables


def _check(source: Lake, target: Lake, log: Callable[[str], None]) -> tuple[int, int]:
    """Compare all tables of the newest snapshot and of each release; return the numbers of tables
    and releases.
    """
    with open_lake(source, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    now = _compare(source, target, None, "now")
    for release in releases:
        _compare(source, target, release.snapshot_id, release.release_id)
    log(
        f"counts and hashes of {counted(now, 'table')} are equal, now and in"
        f" {counted(len(releases), 'release')}"
    )
    return now, len(releases)


def _compare(source: Lake, target: Lake, snapshot_id: int | None, called: str) -> int:
    before, after = (fingerprints(lake, snapshot_id) for lake in (source, target))
    for table in sorted(before.keys() | after.keys()):
        if before.get(table) != after.get(table):
            raise WarehouseError(
                f"{table} differs in {target.name} ({called}): keep using the"
                f" warehouse in {source.name}."
            )
    return len(before)


def fingerprints(lake: Lake, snapshot_id: int | None = None) -> Prints:
    """Return the row count and a hash over all rows of each table of the lake, now or at a
    snapshot, by ``schema.table``.
    """
    with open_lake(lake, read_only=True, snapshot_id=snapshot_id) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name ="
            " 'lake' order by all"
        ).fetchall()
        prints = {}
        for (table,) in tables:
            row = con.execute(
                f"select count(*), coalesce(sum(hash(one)::hugeint), 0) from lake.{table} as one"
            ).fetchone()
            prints[table] = (int(row[0]), int(row[1])) if row else (0, 0)
        return prints


def _copy_release_file(source: Lake, target: Lake) -> None:
    """Copy the release file to the target; without one, the target's readers create it from the
    lake.
    """
    if not source.release_file.exists() or source.release_file == target.release_file:
        return
    part = target.release_file.with_name(f".{target.release_file.name}.part")
    shutil.copyfile(source.release_file, part)
    digest, known = size_and_digest(part)[1], known_digests(source.release_file)
    if digest in known:
        replace_file(part, target.release_file)
    elif not known:  # an earlier version wrote it without a checksum
        part.rename(target.release_file)
    else:  # damaged: the next nightly run writes it again
        part.unlink()
