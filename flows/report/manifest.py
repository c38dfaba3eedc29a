"""Which pages the report has, what they were made from, and how one is swapped in.

A page is written anew only when its content changed; it then carries the release that its figures come from. The manifest
remembers a digest a page, so that a night that changed two themes writes two pages.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "manifest.json"


@dataclass(slots=True)
class Manifest:
    """A digest and a release a page, by the page's path below the report's folder; ``release_id`` is the one that all show.

    ``stamps`` are of what a page was read from, for those that have one (``flows.report.fingerprints``); ``made_from`` is of the
    release as a whole and of the program.
    """

    digests: dict[str, str] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    release_id: str = ""
    stamps: dict[str, str] = field(default_factory=dict)
    made_from: str = ""

    def stands_in(self, folder: Path, made_from: str) -> bool:
        """Return whether the folder holds the whole report of a release already."""
        return self.made_from == made_from and all((folder / name).is_file() for name in self.digests)


def read_manifest(folder: Path) -> Manifest:
    """Return what was written last, or an empty manifest where there is none or it cannot be read."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Manifest(
            dict(found["digests"]),
            dict(found["releases"]),
            str(found.get("release_id", "")),
            dict(found.get("stamps", {})),
            str(found.get("made_from", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest()


def digest_of(*parts: str) -> str:
    """Return a digest of texts, 128 bits in hexadecimal."""
    return hashlib.blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def swap_in(path: Path, content: str | bytes) -> None:
    """Write a file aside and rename it into place, so that a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    part.replace(path)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest; it comes last, so that a run killed before it writes the same pages again."""
    text = json.dumps(asdict(manifest), indent=0, sort_keys=True)
    swap_in(folder / NAME, text)


def remove_stale(folder: Path, before: Manifest, after: Manifest) -> int:
    """Remove pages that the report no longer has; return how many."""
    root = os.path.realpath(folder)
    count = 0
    for name in before.digests.keys() - after.digests.keys():
        path = folder / name
        if os.path.realpath(path).startswith(root + os.sep) and path.is_file():  # a manifest is a file that anyone may edit
            path.unlink()
            count += 1
    return count
