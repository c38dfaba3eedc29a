"""The lake: where it lies, how it is opened, and the one lock that every local writer holds.

DuckLake keeps Parquet files and a SQL catalog; on one machine the catalog is SQLite in WAL mode. Readers need no lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXTENSIONS = ("ducklake", "sqlite_scanner")
ALIAS = "lake"


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
    def path(self) -> str:
        """The lake's address as ATTACH takes it."""
        return f"ducklake:sqlite:{self.catalog}"

    @property
    def exists(self) -> bool:
        """Whether a lake has been made here."""
        return self.catalog.exists()

    def attach_options(self) -> dict[str, str]:
        """Return DuckLake's options for a writer, by name; the values are as ATTACH takes them."""
        return {
            "DATA_PATH": f"{self.data_path}/",
            "META_JOURNAL_MODE": "WAL",
            "META_BUSY_TIMEOUT": "30000",
            "DATA_INLINING_ROW_LIMIT": "0",
        }


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

    ``snapshot_id`` reads the lake as it stood then, and implies reading only. Raises WarehouseError when there is no
    lake to read, or its catalog cannot be opened.
    """
    read_only = read_only or snapshot_id is not None
    if read_only and not lake.exists:
        message = f"There is no warehouse in {lake.root} yet: run a night first."
        raise WarehouseError(message)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for name in EXTENSIONS:
        con.execute(f"load '{extension_file(name)}'")
    options = lake.attach_options()
    if snapshot_id is not None:
        options["SNAPSHOT_VERSION"] = str(snapshot_id)
    try:
        if not read_only:
            lake.data_path.mkdir(parents=True, exist_ok=True)
        listed = ", ".join(f"{key} '{value}'" for key, value in options.items())
        con.execute(f"attach '{lake.path}' as {ALIAS} ({'READ_ONLY, ' if read_only else ''}{listed})")
    except (duckdb.Error, OSError) as error:
        con.close()
        first = str(error).strip().splitlines()[0]
        message = f"The lake in {lake.root} cannot be opened: {first}"
        raise WarehouseError(message) from error
    con.execute(f"use {ALIAS}")
    return con


@contextlib.contextmanager
def opened(lake: Lake, *, read_only: bool = False, snapshot_id: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield ``connect(…)`` and close it."""
    con = connect(lake, read_only=read_only, snapshot_id=snapshot_id)
    try:
        yield con
    finally:
        con.close()


@contextlib.contextmanager
def writing(
    lake: Lake, *, name: str = "writer.lock", patience: float = 3600.0, tell: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the warehouse's one writer lock, or another by name; a second holder waits, and ``tell`` hears why.

    The lock is the kernel's (flock), so it goes with the process that held it, however that ended. ``patience`` is in
    seconds. Raises WarehouseError when the lock is not to be had in that time or the folder cannot be written.
    """
    try:
        lake.root.mkdir(parents=True, exist_ok=True)
        held = (lake.root / name).open("a")
    except OSError as error:
        message = f"The folder {lake.root} cannot be written: {error.strerror}."
        raise WarehouseError(message) from error
    with held:
        deadline = time.monotonic() + patience
        told = False
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"Another run has been writing to {lake.root} for {patience:.0f} seconds; this one gave up."
                    raise WarehouseError(message) from None
                if tell and not told:
                    tell("another run is writing; waiting for its turn")
                    told = True
                time.sleep(0.05)
        yield


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
