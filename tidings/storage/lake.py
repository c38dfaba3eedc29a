"""Locate and open a lake in a folder: Parquet files and a SQL catalog, here SQLite in WAL mode.
Writers take the lock of writer_lock.py.
"""

from __future__ import annotations

import contextlib
import contextvars
import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from tidings.base.functions import create_functions
from tidings.base.messages import REPAIR, is_damage
from tidings.storage.file_store import (
    SUFFIX,
    Folder,
    Store,
    is_plain_name,
    read_sums,
    size_and_digest,
    write_sums,
)
from tidings.storage.locks import FileLocks, Locks

# Verifying an extension's signature takes 0.2 s: do so once per process.
_VERIFIED: set[str] = set()
ALIAS = "lake"
Connection = duckdb.DuckDBPyConnection
MANIFEST = "backup.json"  # of a backup (backup.py)
# Each raises an error if a lock of this context was lost (writer_lock.py).
LOCK_CHECKS: contextvars.ContextVar[tuple[Callable[[], None], ...]] = contextvars.ContextVar(
    "LOCK_CHECKS", default=()
)


class WarehouseError(Exception):
    """The warehouse cannot be used; the message is one sentence for the user."""


def refuse(is_wrong: object, sentence: str) -> None:
    """Raise WarehouseError with a sentence if a condition is true."""
    if is_wrong:
        raise WarehouseError(sentence)


class _Below:
    """A path below a lake's root."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def __get__(self, lake: Lake, _kind: type) -> Path:
        return lake.root.joinpath(*self._parts)


@dataclass(frozen=True, slots=True)
class Lake:
    """A warehouse in one folder: archive, lake, release file and report."""

    is_shared: ClassVar[bool] = False  # whether other machines write to this lake
    root: Path

    catalog = _Below("lake", "catalog.sqlite")  # the SQLite file with DuckLake's catalog
    data_path = _Below("lake", "data")  # the folder of the Parquet files
    archive = _Below("archive")  # the folder of the WARC files
    release_file = _Below("tidings.duckdb")  # the DuckDB file that readers open
    report = _Below("report")  # the folder of the static report
    prefect = _Below("prefect", "prefect.db")  # Prefect's SQLite database
    # the folder of files that a run can recreate, such as the result of the last audit
    work = _Below("work")

    @property
    def name(self) -> str:
        """The lake's name in messages."""
        return str(self.root)

    @property
    def raw(self) -> Store:
        """The archive's WARC files."""
        return self._store("archive")

    @property
    def files(self) -> Store:
        """The lake's Parquet files."""
        return self._store("lake")

    def _store(self, part: str) -> Store:
        return Folder({"archive": self.archive, "lake": self.data_path}[part])

    @property
    def _database(self) -> tuple[str, str]:
        """The kind and the address of the catalog's database."""
        return "sqlite", str(self.catalog)

    @property
    def path(self) -> str:
        """The lake's URL for ATTACH."""
        kind, address = self._database
        return f"ducklake:{kind}:{address}"

    @property
    def exists(self) -> bool:
        """True if the lake has been created."""
        return self.catalog.exists() and self.catalog.stat().st_size > 0

    @property
    def is_lost(self) -> bool:
        """True if the lake is missing but not its archive or release file."""
        return not self.is_shared and not self.exists and self._has_files

    @property
    def _has_files(self) -> bool:
        return self.release_file.exists() or any(self.archive.rglob("*.warc.gz"))

    def why_missing(self) -> str:
        """Return why the lake is missing and which command to run next."""
        if self.is_lost:
            return (
                f"The lake in {self.name} is missing, but its archive exists:"
                " run `tidings rebuild`, or restore a backup."
            )
        return (
            f"There is no warehouse in {self.name} yet:"
            " run `tidings demo` or `tidings nightly` first."
        )

    def require(self) -> None:
        """Raise WarehouseError if the lake is missing."""
        if not self.exists:
            raise WarehouseError(self.why_missing())

    def attach_options(self) -> dict[str, str]:
        """Return DuckLake's ATTACH options for a writer, by name."""
        return {
            "DATA_PATH": f"{self.data_path}/",
            "META_JOURNAL_MODE": "WAL",
            "META_BUSY_TIMEOUT": "30000",
            "DATA_INLINING_ROW_LIMIT": "0",
            "AUTOMATIC_MIGRATION": "true",  # of a catalog in an earlier format of DuckLake
            "OVERRIDE_DATA_PATH": "1",  # the catalog has the folder in which it was created
        }

    @property
    def extensions(self) -> Sequence[str]:
        """The DuckDB extensions that opening the lake requires."""
        return ("ducklake", f"{self._database[0]}_scanner")

    def setup(self) -> list[str]:
        """Return the SQL statements before ATTACH."""
        return [f"load {quoted(str(extension_file(name)))}" for name in self.extensions]

    def attach(self, **more: str) -> str:
        """Return the ATTACH statement for a writer, or with ``more`` options for a reader."""
        options = self.attach_options() | more
        if more:
            options.pop("AUTOMATIC_MIGRATION", None)
        listed = ", ".join(f"{name} {quoted(value)}" for name, value in options.items())
        return f"attach {quoted(self.path)} as {ALIAS} ({listed})"

    def parts_here(self) -> dict[str, Path]:
        """Return the warehouse's folders and files on this machine, by their name in messages."""
        own = {} if self.is_shared else {"archive": self.archive, "lake": self.catalog.parent}
        return {**own, "release file": self.release_file}

    def attach_catalog(self, alias: str) -> str:
        """Return the SQL statement that attaches the catalog's database itself."""
        kind, address = self._database
        return f"attach {quoted(address)} as {alias} (type {kind})"

    def explain(self, error: Exception) -> str:
        """Return the first line of an error, or the remedy for a damaged or read-only catalog."""
        text = str(error).strip().splitlines()[0]
        if is_damage(error) or _is_blank(self.catalog):
            return f"its catalog {self.catalog} is damaged: {REPAIR} ({text.rstrip('.')})"
        if os.access(self.catalog.parent, os.W_OK):
            return text
        return f"SQLite has to write to {self.catalog.parent}, also to read the catalog."

    def prepare(self) -> None:
        """Create the folders that the first write requires. Raises WarehouseError for a backup, a
        catalog that is a hard link, whose other name may be another lake's, or one without tables.
        """
        refuse(
            (self.root / MANIFEST).exists(),
            f"{self.root} is a backup: use `tidings restore {self.root}` with another"
            f" TIDINGS_WAREHOUSE.",
        )
        refuse(
            self.catalog.is_file() and self.catalog.stat().st_nlink > 1,
            f"{self.catalog} is a hard link: copy the folder with `cp -r`, and use the copy.",
        )
        refuse(
            _is_blank(self.catalog) and self._has_files,
            f"The catalog {self.catalog} is damaged, because it contains no tables: {REPAIR}.",
        )
        self.data_path.mkdir(parents=True, exist_ok=True)

    def locks(self, kind: str = "") -> Locks:
        """Return this lake's named locks; ``kind`` is a prefix that separates different uses."""
        return FileLocks(self.root / kind)


def _is_blank(catalog: Path) -> bool:
    """Return whether a catalog's file exists without the tables of DuckLake."""
    if not catalog.is_file():
        return False
    query = "select 1 from sqlite_master where name like 'ducklake_%'"
    try:
        with contextlib.closing(sqlite3.connect(catalog, timeout=30)) as con:
            return con.execute(query).fetchone() is None
    except sqlite3.Error:
        return False  # ATTACH reports the error


def quoted(text: str) -> str:
    """Return a text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def extension_file(name: str) -> Path:
    """Return the path of a DuckDB extension in its installed wheel. Raises WarehouseError."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin if spec and spec.origin else "").parent
    file = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    refuse(
        not file.is_file(),
        f"DuckDB {duckdb.__version__} needs the package"
        f" duckdb-extension-{name.replace('_', '-')} of the same version.",
    )
    return file


def open_lake(lake: Lake, *, read_only: bool = False, snapshot_id: int | None = None) -> Connection:
    """Return a connection in UTC that has the lake attached as ``lake`` and in use, and the SQL
    functions of ``transforms/formulas/``.

    TIDINGS_THREADS sets the number of threads. ``snapshot_id`` opens an earlier state, read-only.
    Raises WarehouseError.
    """
    read_only = read_only or snapshot_id is not None
    if read_only:
        lake.require()
    is_verified = _VERIFIED.issuperset(lake.extensions)
    config: dict[str, Any] = {"allow_unsigned_extensions": str(is_verified).lower()}
    if threads := os.environ.get("TIDINGS_THREADS"):  # read_settings has checked it
        config["threads"] = threads
    con = duckdb.connect(config=config)
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_progress_bar = false")  # a slow query writes the bar to standard output
    create_functions(con)  # before the lake, which reads its catalog for each function
    options = {} if snapshot_id is None else {"SNAPSHOT_VERSION": str(snapshot_id)}
    if read_only:
        options["READ_ONLY"] = "true"
    try:
        if not read_only:
            lake.prepare()
        for statement in (*lake.setup(), lake.attach(**options)):
            con.execute(statement)
        con.execute(f"use {ALIAS}")  # reads the catalog's tables
    except BaseException as error:
        con.close()
        if not isinstance(error, (duckdb.Error, OSError)):
            raise
        raise WarehouseError(
            f"The lake in {lake.name} cannot be opened: {lake.explain(error)}"
        ) from error
    _VERIFIED.update(lake.extensions)
    return con


def check_locks() -> None:
    """Raise LockLostError if a lock of this context was lost."""
    for check in LOCK_CHECKS.get():
        check()


@contextlib.contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """Commit the changes of the block; roll back after an exception or a lost lock."""
    con.execute("begin transaction")
    try:
        yield
        check_locks()
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


META = "__ducklake_metadata_lake"  # schema of the catalog's tables in a connection to the lake
# The tables of the newest snapshot. duckdb_tables() also reads the statistics of every table, which
# takes ten times as long.
LIVE_TABLES = f"""(
    select schema_name, tables.*
    from {META}.ducklake_table as tables
    inner join {META}.ducklake_schema as schemas using (schema_id)
    where tables.end_snapshot is null and schemas.end_snapshot is null
)"""
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
PATHS = " union all ".join(
    f"select path, path_is_relative from ducklake_{table}"
    for table in ("schema", "table", "data_file", "delete_file", "files_scheduled_for_deletion")
)


def check_catalog(catalog: Path, *, is_in_use: bool = False) -> None:
    """Raise WarehouseError if a catalog is damaged or contains a path that leaves its data path.
    Unless it ``is_in_use``, no other program may open it meanwhile, and no file is made beside it.
    """
    uri = f"{catalog.absolute().as_uri()}?{'mode=rw' if is_in_use else 'immutable=1'}"
    try:
        with contextlib.closing(sqlite3.connect(uri, timeout=30, uri=True)) as con:
            (status,) = con.execute("pragma integrity_check(1)").fetchone()
            paths = con.execute(PATHS).fetchall() if status == "ok" else []
    except sqlite3.Error as error:
        raise WarehouseError(
            f"{catalog} cannot be read as a catalog: {REPAIR} ({error})."
        ) from error
    refuse(status != "ok", f"{catalog} is damaged: {REPAIR} ({status.splitlines()[-1]}).")
    for path, is_relative in paths:
        name = str(path).removesuffix("/")
        refuse(
            is_relative != 1 or not is_plain_name(name),
            f"{catalog} contains the path {name[:200]!r} outside of its folder: use a backup of"
            f" your own.",
        )


def record_checksums(lake: Lake) -> None:
    """Record the SHA-256 of each new file of the lake, which never changes, and drop those of
    deleted files; the caller holds the writer lock. Object storage has its own.
    """
    if lake.is_shared:
        return
    folder = lake.catalog.parent
    known = read_sums(sums_file(lake))
    names = [path.relative_to(folder).as_posix() for path in lake.data_path.rglob("*.parquet")]
    sums = {name: known.get(name) or size_and_digest(folder / name)[1] for name in names}
    if sums != known:
        write_sums(sums_file(lake), sums)


def sums_file(lake: Lake) -> Path:
    """Return the file with the checksums of a lake's files."""
    return lake.catalog.parent / f"data{SUFFIX}"
