"""Backup and restore: a copy of the whole warehouse as of one moment, taken while readers read, and made a warehouse again.

The catalog is copied through SQLite's own backup, and only the files that it names are copied with it: data files never change
once written. The writer lock is held meanwhile, so a night that is under way waits between two of its writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from warehouse.lake import WarehouseError, opened, writing
from warehouse.upkeep import copy_database

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from warehouse.lake import Lake

MANIFEST = "backup.json"
LEFT_OUT = ("work", "prefect")  # made again, and Prefect's memory of runs, which is copied by SQLite's backup below


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: files by their path with size and digest, when it was made, and the release it ends with."""

    made_at: str
    release_id: str | None
    files: dict[str, tuple[int, str]]

    @property
    def byte_count(self) -> int:
        """Return how many bytes all its files have."""
        return sum(size for size, _ in self.files.values())


def back_up(lake: Lake, folder: Path, now: dt.datetime, tell: Callable[[str], None] | None = None) -> Backup:
    """Copy a warehouse into a new or empty folder and return what was copied.

    A folder with a manifest is complete: it is written last. Raises WarehouseError with one sentence where there is no warehouse,
    the folder holds anything, lies within the warehouse, or the disk is too small.
    """
    _check_local(lake)
    if not lake.exists:
        raise WarehouseError(f"There is no warehouse in {lake.name} yet: run a night first.")
    target = folder.resolve()
    if target.is_relative_to(lake.root) or lake.root.is_relative_to(target):
        raise WarehouseError(f"{folder} lies within the warehouse or around it: name a folder elsewhere.")
    _check_empty(folder)
    with _explained(folder), writing(lake, tell=tell):
        with opened(lake, read_only=True) as con:
            row = con.execute("select release_id from ops.releases order by snapshot_id desc limit 1").fetchone()
        target.mkdir(parents=True, exist_ok=True)
        _check_room(lake, target)
        for path in _plain_files(lake):
            _copy(path, target / path.relative_to(lake.root))
        for database in _databases(lake):
            place = target / database.relative_to(lake.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_database(database, place)
        files = {path.relative_to(target).as_posix(): _describe(path) for path in _all_files(target)}
        made = Backup(now.isoformat(), str(row[0]) if row else None, files)
        (target / MANIFEST).write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    return made


def restore(folder: Path, lake: Lake, tell: Callable[[str], None] | None = None) -> Backup:
    """Make a warehouse of a backup, where there is none yet, and return what was copied.

    Every file is checked against the manifest before the warehouse appears. Raises WarehouseError with one sentence where the
    folder is no complete backup, a file is damaged, or a warehouse is there already: nothing is overwritten.
    """
    _check_local(lake)
    made = read_backup(folder)
    if lake.exists:
        raise WarehouseError(f"There is a warehouse in {lake.root} already: nothing was overwritten; name a new folder.")
    part = lake.root / ".restoring"
    with _explained(lake.root), writing(lake, tell=tell):
        shutil.rmtree(part, ignore_errors=True)
        for name, described in made.files.items():
            _copy(folder / name, part / name)
            if _describe(part / name) != tuple(described):
                shutil.rmtree(part)
                raise WarehouseError(f"{folder / name} is damaged: it is not what the backup wrote; nothing was restored.")
        _take_place(part / lake.catalog.relative_to(lake.root), lake)
        for child in sorted(part.iterdir(), key=lambda path: path.name == lake.catalog.parent.name):  # the lake comes last
            if (lake.root / child.name).exists():
                raise WarehouseError(f"{lake.root / child.name} is there already: nothing was overwritten; name a new folder.")
            child.rename(lake.root / child.name)
        part.rmdir()
    return made


def read_backup(folder: Path) -> Backup:
    """Return what a backup holds. Raises WarehouseError where the folder is none, or one that was never finished."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Backup(
            told["made_at"], told["release_id"], {name: (size, digest) for name, (size, digest) in told["files"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WarehouseError(f"{folder} is no complete backup: it has no readable {MANIFEST}.") from error


def _take_place(catalog: Path, lake: Lake) -> None:
    """Tell the catalog where its data lies from now on: it names files relative to one path."""
    with contextlib.closing(sqlite3.connect(catalog)) as con, con:
        con.execute("update ducklake_metadata set value = ? where key = 'data_path' and scope is null", [f"{lake.data_path}/"])


def _check_local(lake: Lake) -> None:
    if lake.is_shared:
        raise WarehouseError(
            "This lake's catalog is a PostgreSQL database: copy it with pg_dump, and its files beside it, or move it to a folder."
        )


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WarehouseError(f"{folder} is there and not empty: nothing was overwritten; name a new folder.")


def _check_room(lake: Lake, target: Path) -> None:
    need = sum(path.stat().st_size for path in (*_plain_files(lake), *_databases(lake)))
    free = shutil.disk_usage(target).free
    if free < need:
        raise WarehouseError(f"The backup needs {need:,} bytes, and {target} has {free:,} free.")


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WarehouseError(f"The copy failed: {error.filename or folder}: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise WarehouseError(f"The copy failed: a database could not be read or written: {error}.") from error


def _databases(lake: Lake) -> list[Path]:
    return [path for path in (lake.catalog, lake.root / "prefect" / "prefect.db") if path.exists()]


def _plain_files(lake: Lake) -> Iterator[Path]:
    """Yield the files to copy as they are: none that is unfinished, none that can be made again."""
    for path in _all_files(lake.root):
        parts = path.relative_to(lake.root).parts
        is_catalog = parts[0] == "lake" and path.name.startswith("catalog.")
        if parts[0] in LEFT_OUT or is_catalog or path.suffix == ".lock" or any(part.startswith(".") for part in parts):
            continue
        yield path


def _all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _describe(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
