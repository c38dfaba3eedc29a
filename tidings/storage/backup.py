"""Back up a warehouse to a folder, and restore it.

The catalog is copied with SQLite's backup function. Data files never change after they are written,
so a plain copy is consistent. Readers continue during a backup; the writer lock is held, so that a
nightly run waits between two writes.

A backup may come from a stranger, so ``restore`` checks everything before it writes a byte. The
names in a backup become paths, and later runs read and delete the files that its catalog lists.
Both are rejected if they lead out of the warehouse.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tidings.storage.catalog import check_catalog, copy_database, set_data_path
from tidings.storage.checksums import flush_and_digest, size_and_digest
from tidings.storage.file_store import is_plain_name
from tidings.storage.find_damage import find_damage
from tidings.storage.lake import WarehouseError, open_lake
from tidings.storage.release_file import newest_release_id
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidings.storage.find_damage import Damage
    from tidings.storage.lake import Lake

MANIFEST = "backup.json"
# Files that a run can recreate; Prefect's folder, of which only the database is copied; an
# unfinished rebuild; and the index of words, which Explore may replace during a backup.
LEFT_OUT = ("work", "prefect", "rebuild", "tidings.words.duckdb")
# another warehouse, which `tidings demo` writes again; earlier versions copied it, so a backup may
# contain it
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup's manifest: time (ISO 8601), last release, files by path with size and SHA-256, and
    damage.
    """

    made_at: str
    release_id: str | None
    files: dict[str, tuple[int, str]]
    # a sentence for each file that was already damaged in the warehouse
    damage: tuple[str, ...] = ()

    @property
    def byte_count(self) -> int:
        """Total size of the files in bytes."""
        return sum(size for size, _ in self.files.values())


def back_up(
    lake: Lake, folder: Path, now: dt.datetime, log: Callable[[str], None] = lambda _text: None
) -> Backup:
    """Copy a warehouse to a new or empty folder and return the manifest.

    The manifest is written last: a folder with a manifest is complete. Each file is read before and
    after the copy. Damaged files of the warehouse are copied and listed in the manifest. Raises
    WarehouseError if the warehouse is missing, the folder is not empty or inside the warehouse, or
    the disk is too small.
    """
    check_local(lake)
    if not lake.exists:
        raise WarehouseError(lake.why_missing())
    target = folder.resolve()
    if target.is_relative_to(lake.root) or lake.root.is_relative_to(target):
        raise WarehouseError(
            f"{folder} is inside the warehouse or contains it: choose another folder."
        )
    _check_empty(folder)
    with explained(folder), writer_lock(lake, log=log):
        with open_lake(lake, read_only=True) as con:
            release_id = newest_release_id(con)
        target.mkdir(parents=True, exist_ok=True)
        need = sum(path.stat().st_size for path in (*_plain_files(lake), *_databases(lake)))
        free = shutil.disk_usage(target).free
        if free < need:
            raise WarehouseError(
                f"The backup needs {need:,} bytes, but {target} has only {free:,} free."
            )
        damage = list(map(str, find_damage(lake, log)))
        for path in _plain_files(lake):
            place = target / path.relative_to(lake.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            if size_and_digest(path) != flush_and_digest(place):
                raise WarehouseError(
                    f"{place} differs from the file that was written: use another"
                    f" disk for the backup."
                )
        for database in _databases(lake):
            place = target / database.relative_to(lake.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_database(database, place)
        files = {
            path.relative_to(target).as_posix(): size_and_digest(path) for path in all_files(target)
        }
        backup = Backup(now.isoformat(), release_id, files, tuple(damage))
        (target / MANIFEST).write_text(json.dumps(asdict(backup), indent=1), encoding="utf-8")
    return backup


def check_local(lake: Lake) -> None:
    """Raise WarehouseError if the lake's catalog is not a file on this machine."""
    if lake.is_shared:
        raise WarehouseError(
            "This lake's catalog is a PostgreSQL database: copy it with pg_dump and then copy its"
            " files, or move it to a folder."
        )


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WarehouseError(
            f"{folder} is not empty: nothing was overwritten; choose a new folder."
        )


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Raise WarehouseError with one sentence for an error of the disk or of a database in the
    block.
    """
    try:
        yield
    except OSError as error:
        raise WarehouseError(
            f"The copy failed: {error.filename or folder}: {error.strerror or error}."
        ) from error
    except sqlite3.Error as error:
        raise WarehouseError(
            f"The copy failed: a database could not be read or written: {error}."
        ) from error


def _databases(lake: Lake) -> list[Path]:
    return [path for path in (lake.catalog, lake.root / "prefect" / "prefect.db") if path.exists()]


def _plain_files(lake: Lake) -> Iterator[Path]:
    """Yield the files for a plain copy, without unfinished files and files that a run can
    recreate.
    """
    for path in all_files(lake.root):
        name = path.relative_to(lake.root).as_posix()
        is_copied = not name.startswith((f"{DEMO}/", "prefect/", "lake/catalog."))
        if is_copied and name not in LEFT_OUT and not _is_foreign(name):
            yield path


def all_files(folder: Path) -> list[Path]:
    """Return the files below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


MAX_MANIFEST_BYTES = 500_000_000  # a file's line takes about 150 bytes
PREFECT_DATABASE = "prefect/prefect.db"  # the only file of Prefect in a backup
_DIGEST = re.compile(r"[0-9a-f]{64}")


def restore(
    folder: Path, lake: Lake, log: Callable[[str], None] = lambda _text: None
) -> tuple[Backup, list[Damage]]:
    """Create a warehouse from a backup, and return the manifest and the damaged files.

    Names, links, sizes and digests are checked before the first byte is written. Raises
    WarehouseError, and overwrites nothing, if the backup is incomplete, a check fails, or a
    warehouse already exists.
    """
    check_local(lake)
    backup = read_backup(folder)
    if lake.exists:
        raise WarehouseError(
            f"{lake.root} already contains a warehouse: nothing was overwritten;"
            f" choose a new folder."
        )
    with explained(lake.root):
        for child in lake.root.iterdir() if lake.root.is_dir() else ():
            if child.is_symlink():  # a file elsewhere would be written
                raise WarehouseError(
                    f"{str(child)!r} is a link: nothing was restored; remove it, or"
                    f" choose a new folder."
                )
        _check_files(folder, backup)
        catalog = lake.catalog.relative_to(lake.root)
        check_catalog(folder / catalog, is_at_rest=True)
    part = lake.root / ".restoring"
    with explained(lake.root), writer_lock(lake, log=log):
        shutil.rmtree(part, ignore_errors=True)
        for name, expected in backup.files.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, part / name)
            if flush_and_digest(part / name) != expected:
                shutil.rmtree(part)
                raise WarehouseError(
                    f"{folder / name} is damaged: it changed while it was copied;"
                    f" nothing was restored."
                )
        set_data_path(part / catalog, lake.data_path)
        # the lake is moved last
        for child in sorted(part.iterdir(), key=lambda path: path.name == lake.catalog.parent.name):
            if os.path.lexists(lake.root / child.name):
                raise WarehouseError(
                    f"{lake.root / child.name} already exists: nothing was"
                    f" overwritten; choose a new folder."
                )
            child.rename(lake.root / child.name)
        part.rmdir()
    return backup, list(find_damage(lake, log))


def read_backup(folder: Path) -> Backup:
    """Return the manifest of a backup.

    Raises WarehouseError if the manifest is missing or unreadable, or if a name in it leads out of
    the folder, occurs twice (also in another case), or is also the folder of another name.
    """
    try:
        manifest = json.loads(_read_manifest(folder / MANIFEST), object_pairs_hook=_unique)
        files = {str(name): _described(value) for name, value in manifest["files"].items()}
        backup = Backup(
            _text(manifest["made_at"]),
            _text(manifest["release_id"] or "") or None,
            files,
            tuple(map(_text, manifest.get("damage", ()))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WarehouseError(
            f"{folder} is not a complete backup: {MANIFEST} is missing or unreadable."
        ) from error
    names = sorted(backup.files)
    taken = {parent.casefold() for name in names for parent in _parents(name)}
    for name in names:
        if any(
            (
                not is_plain_name(name),
                _is_foreign(name),
                name == MANIFEST,
                name.casefold() in taken,
            )
        ):
            raise WarehouseError(
                f"Invalid file name {name[:200]!r} in {folder / MANIFEST}: nothing was restored."
            )
        taken.add(name.casefold())
    return backup


def _is_foreign(name: str) -> bool:
    """Return whether no backup contains a file of this name.

    Prefect reads its settings and its logging configuration, which may name any Python code, from
    `prefect/`.
    """
    folded = name.casefold()
    folder, separator, _ = folded.partition("/")
    is_left_out = folder in LEFT_OUT or folder.startswith("replaced-")
    is_hidden = folded.endswith(".lock") or "/." in f"/{folded}"
    return is_hidden or bool(separator and is_left_out and name != PREFECT_DATABASE)


def _read_manifest(path: Path) -> str:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise ValueError(path)
    return path.read_text(encoding="utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name occurs twice")
    return values


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError(value)
    return value


def _described(value: Any) -> tuple[int, str]:
    size, digest = value
    if type(size) is not int or size < 0 or not _DIGEST.fullmatch(digest):
        raise ValueError(value)
    return size, digest


def _parents(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def _check_files(folder: Path, backup: Backup) -> None:
    """Raise WarehouseError unless the folder contains exactly the listed files, with their sizes
    and digests.
    """
    sizes = {}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
            raise WarehouseError(
                f"{str(path)!r} is a link or a special file: nothing was restored."
                " Copy the backup with `cp -rL` and restore the copy."
            )
        sizes[name] = about.st_size
    sizes.pop(MANIFEST, None)
    if extra := sorted(sizes.keys() - backup.files.keys()):
        raise WarehouseError(
            f"{str(folder / extra[0])!r} is not listed in {MANIFEST}: nothing was restored."
            " Remove it if it does not belong to the backup."
        )
    for name, expected in backup.files.items():
        if name not in sizes:
            raise WarehouseError(
                f"{folder / name} is missing from the backup; nothing was restored."
            )
        if sizes[name] != expected[0] or size_and_digest(folder / name) != expected:
            raise WarehouseError(
                f"{folder / name} is damaged: it differs from the file that the backup wrote;"
                f" nothing was restored."
            )


def _walk(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder; links are yielded and not followed."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name)
        else:
            yield folder / entry.name
