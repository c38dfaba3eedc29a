"""Restore: make a warehouse from a backup.

A backup may come from a stranger, so everything is checked before any byte is written. A backup's names become paths, and its
catalog's paths are files that later runs read and delete. Both are refused unless they lead to a place inside the warehouse.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from typing import TYPE_CHECKING, Any

from tidings.warehouse.adopt import check_catalog, set_data_path
from tidings.warehouse.backup import LEFT_OUT, MANIFEST, Backup, check_local, explained
from tidings.warehouse.checksums import describe, read_back
from tidings.warehouse.damage import find_damage
from tidings.warehouse.lake import WarehouseError, writing
from tidings.warehouse.store import is_plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidings.warehouse.damage import Damage
    from tidings.warehouse.lake import Lake

MOST_MANIFEST_BYTES = 500_000_000  # a line takes about 150 bytes
PREFECT_DATABASE = "prefect/prefect.db"  # all that a backup has of Prefect
_DIGEST = re.compile(r"[0-9a-f]{64}")


def restore(folder: Path, lake: Lake, log: Callable[[str], None] = lambda _text: None) -> tuple[Backup, list[Damage]]:
    """Make a warehouse of a backup where there is none yet; return the backup and the files that are damaged in it.

    Names, links, sizes and digests are checked before the first byte is written. Raises WarehouseError with one sentence where
    the folder is no complete backup, where a check fails, or where a warehouse exists already: nothing is overwritten.
    """
    check_local(lake)
    made = read_backup(folder)
    if lake.exists:
        raise WarehouseError(f"There is a warehouse in {lake.root} already: nothing was overwritten; name a new folder.")
    with explained(lake.root):
        _check_target(lake.root)
        _check_files(folder, made)
        catalog = lake.catalog.relative_to(lake.root)
        check_catalog(folder / catalog, is_at_rest=True)
    part = lake.root / ".restoring"
    with explained(lake.root), writing(lake, log=log):
        shutil.rmtree(part, ignore_errors=True)
        for name, described in made.files.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, part / name)
            if read_back(part / name) != described:
                shutil.rmtree(part)
                raise WarehouseError(f"{folder / name} is damaged: it changed while it was copied; nothing was restored.")
        set_data_path(part / catalog, lake.data_path)
        for child in sorted(part.iterdir(), key=lambda path: path.name == lake.catalog.parent.name):  # the lake comes last
            if os.path.lexists(lake.root / child.name):
                raise WarehouseError(f"{lake.root / child.name} is there already: nothing was overwritten; name a new folder.")
            child.rename(lake.root / child.name)
        part.rmdir()
    return made, list(find_damage(lake, log))


def read_backup(folder: Path) -> Backup:
    """Return the manifest of a backup.

    Raises WarehouseError where the folder has no readable manifest, or where a name in it leads out of the folder, occurs
    twice (also in other case), or is a folder of another name.
    """
    try:
        told = json.loads(_read_manifest(folder / MANIFEST), object_pairs_hook=_unique)
        files = {str(name): _described(value) for name, value in told["files"].items()}
        made = Backup(
            _text(told["made_at"]), _text(told["release_id"] or "") or None, files, tuple(map(_text, told.get("damage", ())))
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WarehouseError(f"{folder} is no complete backup: it has no readable {MANIFEST}.") from error
    names = sorted(made.files)
    folders = {parent.casefold() for name in names for parent in _parents(name)}
    seen: set[str] = set()
    for name in names:
        key = name.casefold()
        if not is_plain_name(name) or _is_foreign(name) or key in seen or key in folders or name == MANIFEST:
            raise WarehouseError(f"Invalid file name {name[:200]!r} in {folder / MANIFEST}: nothing was restored.")
        seen.add(key)
    return made


def _is_foreign(name: str) -> bool:
    """Return whether no backup contains a file of this name.

    Prefect reads its settings and its logging configuration, which may name any Python code, from `prefect/`.
    """
    *folders, last = name.casefold().split("/")
    first = folders[0] if folders else ""
    is_left_out = (first in LEFT_OUT or first.startswith("replaced-")) and name != PREFECT_DATABASE
    return is_left_out or last.endswith(".lock") or any(part.startswith(".") for part in (*folders, last))


def _read_manifest(path: Path) -> str:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_MANIFEST_BYTES:
        raise ValueError(path)
    return path.read_text(encoding="utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


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


def _check_target(root: Path) -> None:
    """Raise WarehouseError where the target holds a link, through which a file elsewhere would be written."""
    for child in root.iterdir() if root.is_dir() else ():
        if child.is_symlink():
            raise WarehouseError(f"{str(child)!r} is a link: nothing was restored; remove it, or name a new folder.")


def _check_files(folder: Path, made: Backup) -> None:
    """Raise WarehouseError unless the folder holds the listed files, with their sizes and digests, and nothing else."""
    found = {}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
            raise WarehouseError(
                f"{str(path)!r} is a link or a special file: nothing was restored."
                " Copy the backup with `cp -rL` and restore the copy."
            )
        found[name] = about.st_size
    found.pop(MANIFEST, None)
    if extra := sorted(found.keys() - made.files.keys()):
        raise WarehouseError(
            f"{str(folder / extra[0])!r} is not listed in {MANIFEST}: nothing was restored."
            " Remove it if it does not belong to the backup."
        )
    for name, described in made.files.items():
        if name not in found:
            raise WarehouseError(f"{folder / name} is missing from the backup; nothing was restored.")
        if found[name] != described[0] or describe(folder / name) != described:
            raise WarehouseError(f"{folder / name} is damaged: it is not what the backup wrote; nothing was restored.")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder but plain folders; links are yielded, not followed."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name)
        else:
            yield folder / entry.name
