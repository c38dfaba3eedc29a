"""Backup: a copy of the whole warehouse as of one moment, taken while readers read.

The catalog is copied through SQLite's own backup, and only the files that it names are copied with it: data files never change
once written. The writer lock is held meanwhile, so a night that is under way waits between two of its writes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tidings.warehouse.checksums import describe, read_back
from tidings.warehouse.damage import find_damage
from tidings.warehouse.lake import WarehouseError, opened, writing
from tidings.warehouse.upkeep import copy_database

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidings.warehouse.lake import Lake

MANIFEST = "backup.json"
# Made again; Prefect's memory of runs, which is copied by SQLite's backup below; and a rebuild that is under way.
LEFT_OUT = ("work", "prefect", "rebuild")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup's files by their path with size and digest, when it was made, its last release, and what was damaged in it."""

    made_at: str
    release_id: str | None
    files: dict[str, tuple[int, str]]
    damage: tuple[str, ...] = ()  # a sentence for each file that was damaged in the warehouse already

    @property
    def byte_count(self) -> int:
        """Return how many bytes all its files have."""
        return sum(size for size, _ in self.files.values())


def back_up(lake: Lake, folder: Path, now: dt.datetime, log: Callable[[str], None] = lambda _text: None) -> Backup:
    """Copy a warehouse into a new or empty folder and return what was copied.

    A folder with a manifest is complete: it is written last. Every file is read before and after it is copied; files that are
    damaged in the warehouse are copied as they are and named. Raises WarehouseError with one sentence where there is no
    warehouse, the folder holds anything, lies within the warehouse, or the disk is too small.
    """
    check_local(lake)
    if not lake.exists:
        raise WarehouseError(lake.why_missing())
    target = folder.resolve()
    if target.is_relative_to(lake.root) or lake.root.is_relative_to(target):
        raise WarehouseError(f"{folder} lies within the warehouse or around it: name a folder elsewhere.")
    _check_empty(folder)
    with explained(folder), writing(lake, log=log):
        with opened(lake, read_only=True) as con:
            row = con.execute("select release_id from ops.releases order by snapshot_id desc limit 1").fetchone()
        target.mkdir(parents=True, exist_ok=True)
        _check_room(lake, target)
        damage = [str(one) for one in find_damage(lake, log)]
        for path in _plain_files(lake):
            place = target / path.relative_to(lake.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            if describe(path) != read_back(place):
                raise WarehouseError(f"{place} is not what was written there: use another disk for the backup.")
        for database in _databases(lake):
            place = target / database.relative_to(lake.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_database(database, place)
        files = {path.relative_to(target).as_posix(): describe(path) for path in all_files(target)}
        made = Backup(now.isoformat(), str(row[0]) if row else None, files, tuple(damage))
        (target / MANIFEST).write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    return made


def check_local(lake: Lake) -> None:
    """Raise WarehouseError where the lake's catalog is no file of this machine."""
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
def explained(folder: Path) -> Iterator[None]:
    """Raise WarehouseError with one sentence for what a disk or a database refuses within the block."""
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
    for path in all_files(lake.root):
        parts = path.relative_to(lake.root).parts
        is_catalog = parts[0] == "lake" and path.name.startswith("catalog.")
        is_old = parts[0] in LEFT_OUT or parts[0].startswith("replaced-")
        if is_old or is_catalog or path.suffix == ".lock" or any(part.startswith(".") for part in parts):
            continue
        yield path


def all_files(folder: Path) -> list[Path]:
    """Return the files below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
