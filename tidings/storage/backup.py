"""Back up a warehouse to a folder, and restore it at any location.

A backup has the layout of a warehouse in a folder, so it is written and read as a ``Lake``. Data
files never change, so a plain copy is consistent; nightly runs wait for the writer lock.

A backup may come from a stranger, and its names become paths. Before it writes, ``restore`` rejects
names and catalogs that leave the warehouse.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from tidings.base.records import Release
from tidings.storage.archive import leftover_parts
from tidings.storage.file_store import (
    Folder,
    Store,
    copy_file,
    flush_and_digest,
    is_plain_name,
    size_and_digest,
    stored_digest,
)
from tidings.storage.find_damage import Damage, find_damage
from tidings.storage.lake import (
    MANIFEST,
    Lake,
    WarehouseError,
    check_catalog,
    copy_database,
    open_lake,
    quoted,
    refuse,
    transaction,
)
from tidings.storage.load import read_column, read_records
from tidings.storage.maintain import check_releases
from tidings.storage.release import (
    ensure_release_file,
    last_release,
    newest_release_id,
    newest_snapshot,
)
from tidings.storage.writer_lock import writer_lock

CATALOG = "lake/catalog.sqlite"
PREFECT_DATABASE = "prefect/prefect.db"  # the only file of Prefect in a backup
# Files that a run can recreate, Prefect's folder, an unfinished rebuild, the demo (another
# warehouse), and Explore's index, which may be replaced during a backup.
LEFT_OUT = ("work", "prefect", "rebuild", "demo", "tidings.words.duckdb")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup's manifest: time (ISO 8601), last release, size and SHA-256 of each file by path,
    and a sentence for each file that was already damaged.
    """

    made_at: str
    release_id: str | None
    files: dict[str, tuple[int, str]]
    damage: tuple[str, ...] = ()

    @property
    def byte_count(self) -> int:
        """Total size of the files in bytes."""
        return sum(size for size, _ in self.files.values())


def back_up(
    lake: Lake, folder: Path, now: dt.datetime, log: Callable[[str], None] = lambda _text: None
) -> Backup:
    """Copy a warehouse to a new or empty folder and return the manifest, which is written last.

    Each copy is read again from its disk. Damaged files are copied too, and listed. Raises
    WarehouseError.
    """
    copy = Lake(folder.resolve())
    is_nested = copy.root.is_relative_to(lake.root) or lake.root.is_relative_to(copy.root)
    is_used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    lake.require()
    refuse(is_nested, f"{folder} is inside the warehouse or contains it: choose another folder.")
    refuse(is_used, f"{folder} is not empty: nothing was overwritten; choose a new folder.")
    with explained(folder), writer_lock(lake, log=log):
        with open_lake(lake, read_only=True) as con:
            release_id = newest_release_id(con)
        copy.catalog.parent.mkdir(parents=True)
        names = [name for name in _names(lake) if _is_plain(name)]
        damage = tuple(map(str, find_damage(lake, log)))
        files = {name: _copy(lake, copy, name) for name in names}
        for name, expected in files.items():
            refuse(
                stored_digest(*_located(lake, name)) != expected,
                f"{copy.root / name} differs from the file that was written:"
                " use another disk for the backup.",
            )
        files |= {name: flush_and_digest(copy.root / name) for name in _copy_databases(lake, copy)}
        backup = Backup(now.isoformat(), release_id, files, damage)
        (copy.root / MANIFEST).write_text(json.dumps(asdict(backup), indent=1), encoding="utf-8")
    return backup


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Raise WarehouseError for an error of a disk or database in the block."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = f"a database could not be read or written: {error}"
        if isinstance(error, OSError):
            reason = f"{error.filename or folder}: {error.strerror or error}"
        raise WarehouseError(f"The copy failed: {reason}.") from error


def _parts(lake: Lake) -> dict[str, Store]:
    """Return the stores of a warehouse's files by the prefix of their names in a backup."""
    shared = {"archive/": lake.raw, "lake/data/": lake.files}
    return shared if lake.is_shared else {**shared, "": Folder(lake.root)}


def _located(lake: Lake, name: str) -> tuple[Store, str]:
    parts = _parts(lake).items()
    return next((store, name[len(start) :]) for start, store in parts if name.startswith(start))


def _names(lake: Lake) -> list[str]:
    # the folder of a lake also lists the files of the other parts, unless they are links
    parts = _parts(lake).items()
    return sorted({f"{prefix}{part}" for prefix, store in parts for part in store.names()})


def _is_plain(name: str) -> bool:
    is_left_out = name in (*LEFT_OUT, PREFECT_DATABASE) or name.startswith("lake/catalog.")
    return not (is_left_out or _is_foreign(name))


def _copy(source: Lake, target: Lake, name: str) -> tuple[int, str]:
    (here, part), (there, _) = _located(source, name), _located(target, name)
    copy_file(here, there, part)
    return stored_digest(there, part)


def _copy_databases(lake: Lake, copy: Lake) -> Iterator[str]:
    if lake.is_shared:
        _convert_catalog(lake, copy)
    else:
        copy_database(lake.catalog, copy.catalog)
    yield CATALOG
    if lake.prefect.exists():
        copy.prefect.parent.mkdir()
        copy_database(lake.prefect, copy.prefect)
        yield PREFECT_DATABASE


def _convert_catalog(source: Lake, target: Lake) -> None:
    """Replace a new catalog by the source's, converted to the types of its database, and count the
    rows of all releases.
    """
    open_lake(target).close()
    con = duckdb.connect()
    try:
        con.execute("set TimeZone = 'UTC'")
        for statement in dict.fromkeys([*source.setup(), *target.setup()]):
            con.execute(statement)
        con.execute(source.attach_catalog("old"))
        con.execute(target.attach_catalog("new"))
        tables = read_column(
            con,
            "select table_name from duckdb_tables() where database_name = 'new'"
            " and starts_with(table_name, 'ducklake_')",
        )
        with transaction(con):
            for table in tables:
                con.execute(f"delete from new.{table}")
                con.execute(f"insert into new.{table} by name from old.{table}")
            path = quoted(target.attach_options()["DATA_PATH"])
            con.execute(f"update new.ducklake_metadata set value = {path} where key = 'data_path'")
    except duckdb.Error as error:
        raise WarehouseError(f"The catalog could not be copied: {target.explain(error)}") from error
    finally:
        con.close()
    with open_lake(target) as con:  # a reader would leave files beside a catalog in SQLite
        check_releases(con, read_records(con, Release))


MAX_MANIFEST_BYTES = 500_000_000  # a file's line takes about 150 bytes
CHANGED = "{} is damaged: it changed while it was copied; the restoration stopped."
_DIGEST = re.compile(r"[0-9a-f]{64}")


def restore(
    folder: Path, lake: Lake, log: Callable[[str], None] = lambda _text: None
) -> tuple[Backup, list[Damage]]:
    """Create a warehouse from a backup, and return the manifest and the damaged files.

    All checks precede the first write, and the catalog is written last, so that an interrupted
    restoration can be repeated. Raises WarehouseError, and overwrites nothing.
    """
    backup, source = read_backup(folder), Lake(folder.absolute())
    prefixes = tuple(_parts(lake))
    files = {name: about for name, about in backup.files.items() if name.startswith(prefixes)}
    with explained(lake.root):
        _check_target(lake, files)
        _check_files(folder, backup)
        check_catalog(source.catalog)
    with explained(lake.root), writer_lock(lake, log=log):
        for part in leftover_parts(Folder(lake.root)):
            part.unlink(missing_ok=True)
        lake.prepare()
        for name in sorted(files, key=CATALOG.__eq__):
            if _copy(source, lake, name) != files[name]:
                store, inner = _located(lake, name)
                store.remove(inner)
                raise WarehouseError(CHANGED.format(folder / name))
        if lake.is_shared:
            _convert_catalog(source, lake)
        with open_lake(lake, read_only=True) as con:
            newest = last_release(con)
        if newest and not lake.release_file.exists():  # a backup of a shared lake has none
            ensure_release_file(lake, newest)
    return backup, list(find_damage(lake, log))


def _check_target(lake: Lake, files: Mapping[str, tuple[int, str]]) -> None:
    """Raise WarehouseError if a warehouse exists, or links or other files at its location. An
    interrupted restoration leaves an empty shared one.
    """
    kept = "nothing was overwritten; choose a new folder."
    is_taken = lake.exists
    if is_taken and lake.is_shared:
        with open_lake(lake, read_only=True) as con:
            is_taken = newest_snapshot(con) > 0
    refuse(is_taken, f"{lake.name} already contains a warehouse: {kept}")
    here = () if lake.is_shared else _walk(lake.root)
    link = next(filter(Path.is_symlink, here), None)
    refuse(
        link, f"{str(link)!r} is a link: nothing was restored; remove it, or choose a new folder."
    )
    tops = {"archive", "lake"}.union(name.partition("/")[0] for name in files)
    for name in _names(lake):
        is_same = name in files and stored_digest(*_located(lake, name)) == files[name]
        is_other = name.partition("/")[0] in tops and not is_same
        refuse(is_other, f"{name} already exists in {lake.name}: {kept}")


def read_backup(folder: Path) -> Backup:
    """Return the manifest of a backup. Raises WarehouseError if it is unreadable or has a name
    outside of every backup.
    """
    path = folder / MANIFEST
    try:
        backup = _read_manifest(path)
    except (OSError, ValueError) as error:
        raise WarehouseError(
            f"{folder} is not a complete backup: {MANIFEST} is missing or unreadable."
        ) from error
    for name in backup.files:
        refuse(
            not is_plain_name(name) or _is_foreign(name) or name == MANIFEST,
            f"Invalid file name {name[:200]!r} in {path}: nothing was restored.",
        )
    return backup


def _read_manifest(path: Path) -> Backup:
    from pydantic import TypeAdapter  # noqa: PLC0415 - other commands do not need it

    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise ValueError(path)
    backup = TypeAdapter(Backup).validate_json(path.read_bytes(), strict=True)
    texts = (backup.made_at, backup.release_id or "", *backup.damage)
    are_known = (size >= 0 and _DIGEST.fullmatch(digest) for size, digest in backup.files.values())
    if not (all(map(str.isprintable, texts)) and all(are_known)):
        raise ValueError(path)
    return backup


def _is_foreign(name: str) -> bool:
    """Return whether no backup contains a file of this name. Files in ``prefect/`` may name any
    Python code.
    """
    folded = name.casefold()
    folder, separator, _ = folded.partition("/")
    is_left_out = folder in LEFT_OUT or folder.startswith("replaced-")
    is_hidden = folded.endswith(".lock") or "/." in f"/{folded}"
    return is_hidden or bool(separator and is_left_out and name != PREFECT_DATABASE)


def _check_files(folder: Path, backup: Backup) -> None:
    """Raise WarehouseError unless the folder has exactly the listed files, unchanged."""
    found = set()
    for path in _walk(folder):
        about = path.lstat()
        refuse(
            not stat.S_ISREG(about.st_mode) or about.st_nlink > 1,
            f"{str(path)!r} is a link or a special file: nothing was restored."
            " Copy the backup with `cp -rL` and restore the copy.",
        )
        found.add(path.relative_to(folder).as_posix())
    extra = next(iter(sorted(found - backup.files.keys() - {MANIFEST})), "")
    refuse(
        extra,
        f"{str(folder / extra)!r} is not listed in {MANIFEST}: nothing was restored."
        " Remove it if it does not belong to the backup.",
    )
    for name, expected in backup.files.items():
        path = folder / name
        refuse(name not in found, f"{path} is missing from the backup; nothing was restored.")
        refuse(
            path.stat().st_size != expected[0] or size_and_digest(path) != expected,
            f"{path} is damaged: it differs from the file that the backup wrote;"
            " nothing was restored.",
        )


def _walk(folder: Path) -> list[Path]:
    """Return all files and links below a folder; links are not followed."""
    paths = sorted(folder.rglob("*"))
    return [path for path in paths if path.is_symlink() or not path.is_dir()]
