"""Moving a lake to another address, and back: every file, every snapshot, every release, and proof that they are the same.

Files go first, under the names that they have; then the catalog's rows, in one transaction. Until that commit the new address
holds no lake, so a move that was stopped is simply started again, and skips what it has copied. The old lake is left as it is.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from tidings.warehouse.checksums import describe, known_digests, take_place
from tidings.warehouse.lake import WarehouseError, connect, opened, quoted, transaction, writing
from tidings.warehouse.load import read_records
from tidings.warehouse.records import Release
from tidings.warehouse.store import copy_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.warehouse.lake import Lake
    from tidings.warehouse.store import Store

    Prints = dict[str, tuple[int, int]]

CHUNK = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved and found the same: files and their bytes, the tables at the newest snapshot, and releases."""

    files: int
    byte_count: int
    tables: int
    releases: int


def move(source: Lake, target: Lake, log: Callable[[str], None] = lambda _text: None) -> Moved:
    """Copy a lake with its archive and releases to an address that holds none, check it, and return what was moved.

    Nobody can write to either meanwhile. Raises WarehouseError when there is no lake to move, when the target holds one, or
    when the copy is not the same; the source is the same as before in any case.
    """
    if not source.exists:
        raise WarehouseError(f"There is no warehouse in {source.name} to move.")
    if source.path == target.path:
        raise WarehouseError(f"Both addresses are the same lake, {source.name}.")
    with writing(source, log=log), writing(target, log=log):
        if target.exists and not _is_unused(target):
            raise WarehouseError(f"There is a warehouse in {target.name} already: move to a place that holds none.")
        count, size = 0, 0
        for name, here, there in (("archive", source.raw, target.raw), ("lake", source.files, target.files)):
            files, byte_count = _copy_files(here, there)
            log(f"{name}: {files:,} files, {byte_count:,} bytes, copied and read back the same")
            count, size = count + files, size + byte_count
        _copy_catalog(source, target)
        tables, releases = _check(source, target, log)
        _copy_release_file(source, target)
    return Moved(count, size, tables, releases)


def _is_unused(lake: Lake) -> bool:
    """Return whether a lake has been made but nothing ever written to it, as a move that was stopped leaves it."""
    with opened(lake, read_only=True) as con:
        row = con.execute("select max(snapshot_id) from lake.snapshots()").fetchone()
    return row is not None and row[0] == 0


def _copy_files(source: Store, target: Store) -> tuple[int, int]:
    """Copy what the target lacks, compare all, and return how many files there are and their bytes."""
    there = set(target.names())
    count = size = 0
    for name in source.names():
        if name not in there or target.size(name) != source.size(name):
            copy_file(source, target, name)
        if _digest(source, name) != _digest(target, name):
            raise WarehouseError(f"{name} is not the same after copying: the move stops, and the warehouse stays where it is.")
        count, size = count + 1, size + source.size(name)
    return count, size


def _digest(store: Store, name: str) -> str:
    digest = hashlib.sha256()
    size, done = store.size(name), 0
    while done < size:
        some = store.read(name, done, CHUNK)
        digest.update(some)
        done += len(some)
    return digest.hexdigest()


def _copy_catalog(source: Lake, target: Lake) -> None:
    """Write the source's catalog rows in place of a new catalog's, whose own tables have the types of its database."""
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
            raise WarehouseError(f"The catalog in {source.name} has a table that a new one lacks, {unknown[0]}.")
        with transaction(con):
            for table, columns in new.items():
                con.execute(f"delete from new.{table}")
                if table in old:
                    listed = ", ".join(f"{name}::{kind}" for name, kind in columns.items() if name in old[table])
                    names = ", ".join(name for name in columns if name in old[table])
                    con.execute(f"insert into new.{table} ({names}) select {listed} from old.{table}")
            path = quoted(target.attach_options()["DATA_PATH"])
            con.execute(f"update new.ducklake_metadata set value = {path} where key = 'data_path'")
    except duckdb.Error as error:
        raise WarehouseError(f"The catalog could not be moved: {target.explain(error)}") from error
    finally:
        con.close()


def _catalog_tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    found = con.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = ? and starts_with(table_name, 'ducklake_') order by table_name, column_index",
        [database],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in found:
        tables.setdefault(table, {})[column] = kind
    return tables


def _check(source: Lake, target: Lake, log: Callable[[str], None]) -> tuple[int, int]:
    """Compare every table, now and as each release has it; return how many tables there are now, and releases."""
    with opened(source, read_only=True) as con:
        releases: list[Release] = read_records(con, Release)
    now = _compare(source, target, None, "now")
    for release in releases:
        _compare(source, target, release.snapshot_id, release.release_id)
    log(f"{now} tables now, and as {len(releases)} releases have them: counts and hashes are the same")
    return now, len(releases)


def _compare(source: Lake, target: Lake, snapshot_id: int | None, called: str) -> int:
    before, after = (fingerprints(lake, snapshot_id) for lake in (source, target))
    for table in sorted(before.keys() | after.keys()):
        if before.get(table) != after.get(table):
            raise WarehouseError(f"{table} is not the same in {target.name} ({called}): keep the warehouse in {source.name}.")
    return len(before)


def fingerprints(lake: Lake, snapshot_id: int | None = None) -> Prints:
    """Return the row count and a hash over all rows of each table of the lake, now or at a snapshot, by ``schema.table``."""
    with opened(lake, read_only=True, snapshot_id=snapshot_id) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'lake' order by all"
        ).fetchall()
        found = {}
        for (table,) in tables:
            row = con.execute(f"select count(*), coalesce(sum(hash(one)::hugeint), 0) from lake.{table} as one").fetchone()
            found[table] = (int(row[0]), int(row[1])) if row else (0, 0)
        return found


def _copy_release_file(source: Lake, target: Lake) -> None:
    """Put the release file where the target's readers look for it; without one they make it from the lake."""
    if not source.release_file.exists() or source.release_file == target.release_file:
        return
    part = target.release_file.with_name(f".{target.release_file.name}.part")
    shutil.copyfile(source.release_file, part)
    digest, known = describe(part)[1], known_digests(source.release_file)
    if digest in known:
        take_place(part, target.release_file)
    elif not known:  # an earlier program wrote it
        part.rename(target.release_file)
    else:  # damaged: the next night writes it again
        part.unlink()
