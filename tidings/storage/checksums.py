"""Store SHA-256 checksums in files for `sha256sum -c`, so that damaged files are detected before
they are copied.

SHA-256 takes 0.7 s for 1 GB on a processor with SHA instructions.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from tidings.storage.file_store import Folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidings.storage.file_store import Store

SUFFIX = ".sha256"
CHUNK = 8 * 2**20  # bytes of a file in object storage that are read at once
_LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")


def size_and_digest(path: Path) -> tuple[int, str]:
    """Return a file's size in bytes and its SHA-256."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def flush_and_digest(path: Path) -> tuple[int, str]:
    """Flush a file to disk and return its size in bytes and SHA-256, read from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        # otherwise the page cache is read
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return size_and_digest(path)


def stored_digest(store: Store, name: str) -> tuple[int, str]:
    """Return the size in bytes and the SHA-256 of a file in a store, read from its disk."""
    if isinstance(store, Folder):
        return flush_and_digest(store.path / name)
    digest, size = hashlib.sha256(), store.size(name)
    for offset in range(0, size, CHUNK):
        digest.update(store.read(name, offset, CHUNK))
    return size, digest.hexdigest()


def read_sums(path: Path) -> list[tuple[str, str]]:
    """Return the names and digests in a checksum file: none if it is missing or cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    return [(match[2], match[1]) for line in lines if (match := _LINE.fullmatch(line))]


def write_sums(path: Path, sums: Mapping[str, str] | list[tuple[str, str]]) -> None:
    """Replace a checksum file atomically."""
    pairs = sorted(sums.items()) if not isinstance(sums, list) else sums
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(f"{digest}  {name}\n" for name, digest in pairs)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def replace_file(part: Path, target: Path) -> None:
    """Replace a flushed file by rename."""
    part.rename(target)
    target.with_name(target.name + SUFFIX).unlink(missing_ok=True)  # of an earlier version
    sync_folder(target.parent)
