"""The lake: where it lies, how it is opened, and the one lock that every local writer holds.

DuckLake keeps Parquet files and a SQL catalog; on one machine the catalog is SQLite in WAL mode. Readers need no lock.
What a lake of several machines does otherwise stands in remote.py; which of the two an address names, address.py tells.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tidings.warehouse.file_store import Folder, Store
from tidings.warehouse.locks import FileLocks, Locks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Verifying the extensions' signatures takes 0.2 s, fifteen times all else of a connection: a process does it once for each.
_VERIFIED: set[str] = set()
ALIAS = "lake"
MOVED = "does not match existing data path"  # DuckLake's words


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Lake:
    """Where a warehouse keeps its parts: archive, lake, release file and report, all below one folder."""

    root: Path

    @property
    def catalog(self) -> Path:
        """The SQLite file that holds DuckLake's catalog."""
        return self.root / "lake" / "catalog.sqlite"

    @property
    def data_path(self) -> Path:
        """The folder of the Parquet files."""
        return self.root / "lake" / "data"

    @property
    def archive(self) -> Path:
        """The folder of the WARC files."""
        return self.root / "archive"

    @property
    def release_file(self) -> Path:
        """The DuckDB file that readers open."""
        return self.root / "tidings.duckdb"

    @property
    def report(self) -> Path:
        """The folder of the static report."""
        return self.root / "report"

    @property
    def work(self) -> Path:
        """The folder of what can be made again: dbt's target, logs."""
        return self.root / "work"

    @property
    def name(self) -> str:
        """What messages call the lake."""
        return str(self.root)

    @property
    def raw(self) -> Store:
        """The archive's WARC files."""
        return Folder(self.archive)

    @property
    def files(self) -> Store:
        """The lake's Parquet files."""
        return Folder(self.data_path)

    @property
    def is_shared(self) -> bool:
        """Whether other machines write here too, so that this one's release file may be older than the last release."""
        return False

    @property
    def path(self) -> str:
        """The lake's address as ATTACH takes it."""
        return f"ducklake:sqlite:{self.catalog}"

    @property
    def exists(self) -> bool:
        """Whether a lake has been made here."""
        return self.catalog.exists()

    @property
    def is_lost(self) -> bool:
        """Whether the lake is missing although its archive or release file exists. A new lake would hide all earlier rows."""
        if self.is_shared or self.exists:
            return False
        return self.release_file.exists() or any(self.archive.rglob("*.warc.gz"))

    def why_missing(self) -> str:
        """Return the sentence about a lake that does not exist, with the command to run next."""
        if self.is_lost:
            return f"The lake in {self.name} is missing, but its archive exists: run `tidings rebuild`, or restore a backup."
        return f"There is no warehouse in {self.name} yet: run a night first."

    def attach_options(self) -> dict[str, str]:
        """Return DuckLake's options for a writer, by name; the values are as ATTACH takes them."""
        return {
            "DATA_PATH": f"{self.data_path}/",
            "META_JOURNAL_MODE": "WAL",
            "META_BUSY_TIMEOUT": "30000",
            "DATA_INLINING_ROW_LIMIT": "0",
        }

    @property
    def extensions(self) -> Sequence[str]:
        """The DuckDB extensions that it takes to open the lake."""
        return ("ducklake", "sqlite_scanner")

    def secrets(self) -> list[str]:
        """Return the statements that give DuckDB access to where the lake lies: a folder needs none."""
        return []

    def setup(self) -> list[str]:
        """Return the statements that come before ATTACH: extensions from their wheels, and access."""
        return [*(f"load {quoted(str(extension_file(name)))}" for name in self.extensions), *self.secrets()]

    def attach(self, **more: str) -> str:
        """Return the ATTACH statement, with further options by name."""
        listed = ", ".join(f"{name} {quoted(value)}" for name, value in {**self.attach_options(), **more}.items())
        return f"attach {quoted(self.path)} as {ALIAS} ({listed})"

    def parts_here(self) -> dict[str, Path]:
        """Return the folders and files of this machine that hold the warehouse, by what a person calls them."""
        return {"archive": self.archive, "lake": self.catalog.parent, "release file": self.release_file}

    def attach_catalog(self, alias: str) -> str:
        """Return the statement that attaches the catalog's own tables, for moving them."""
        return f"attach {quoted(str(self.catalog))} as {alias} (type sqlite)"

    def explain(self, error: Exception) -> str:
        """Return an error's first line, with no password in it, or what to do where the folder was moved by hand."""
        told = str(error).strip().splitlines()[0]
        if MOVED in told:
            remedy = f"if it was copied or moved here, run `tidings warehouse adopt {shlex.quote(str(self.root))}`"
            return f"its catalog names another folder: {remedy} ({told.rstrip('.')})"
        return told

    def prepare(self) -> None:
        """Make the folders that the first write needs."""
        self.data_path.mkdir(parents=True, exist_ok=True)

    def locks(self, kind: str = "") -> Locks:
        """Return a holder of locks by name; ``kind`` parts names of different uses."""
        return FileLocks(self.root / kind)


def quoted(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def extension_file(name: str) -> Path:
    """Return the path of a DuckDB extension inside its wheel; nothing is downloaded.

    Raises WarehouseError when the wheel is missing or is for another DuckDB.
    """
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" if spec and spec.origin else Path()
    found = folder / f"{name}.duckdb_extension"
    if not found.is_file():
        message = f"DuckDB {duckdb.__version__} needs the package duckdb-extension-{name.replace('_', '-')} of the same version."
        raise WarehouseError(message)
    return found


def connect(lake: Lake, *, read_only: bool = False, snapshot_id: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection with the lake attached as ``lake`` and in use, its zone UTC.

    It has as many threads as TIDINGS_THREADS says, without it as many as DuckDB chooses. ``snapshot_id`` reads the lake as it
    stood then, and implies reading only. Raises WarehouseError when there is no lake to read, its catalog cannot be opened, or
    that variable is no number.
    """
    read_only = read_only or snapshot_id is not None
    if read_only and not lake.exists:
        raise WarehouseError(lake.why_missing())
    is_verified = _VERIFIED.issuperset(lake.extensions)
    con = duckdb.connect(config={"allow_unsigned_extensions": str(is_verified).lower(), **_threads()})
    con.execute("set TimeZone = 'UTC'")
    options = {} if snapshot_id is None else {"SNAPSHOT_VERSION": str(snapshot_id)}
    if read_only:
        options["READ_ONLY"] = "true"
    try:
        if not read_only:
            lake.prepare()
        for statement in (*lake.setup(), lake.attach(**options)):
            con.execute(statement)
    except (duckdb.Error, OSError) as error:
        con.close()
        raise WarehouseError(f"The lake in {lake.name} cannot be opened: {lake.explain(error)}") from error
    except WarehouseError:
        con.close()
        raise
    _VERIFIED.update(lake.extensions)
    con.execute(f"use {ALIAS}")
    return con


def _threads() -> dict[str, str]:
    told = os.environ.get("TIDINGS_THREADS", "")
    if told and not (told.isdecimal() and int(told)):
        raise WarehouseError(f"TIDINGS_THREADS: {told!r} is not a whole number of at least 1.")
    return {"threads": told} if told else {}


@contextlib.contextmanager
def open_lake(lake: Lake, *, read_only: bool = False, snapshot_id: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield ``connect(…)`` and close it."""
    con = connect(lake, read_only=read_only, snapshot_id=snapshot_id)
    try:
        yield con
    finally:
        con.close()


@contextlib.contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")
