"""Record the files of a report and the content they were made from, and replace files by rename.

The manifest has a digest per file, so a run that changes two themes writes two theme pages. An
unchanged page keeps the ID of the release that its figures come from.
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
    """The files of a report, by path in the report's folder.

    Attributes:
        digests: Digest of each file's content.
        releases: Release that each file was written for.
        release_id: Release of the report.
        made_from: Digest of the release's metadata and of the code.
    """

    digests: dict[str, str] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    release_id: str = ""
    made_from: str = ""

    def is_complete(self, folder: Path, made_from: str) -> bool:
        """Return whether the folder already contains every file of the report that ``made_from``
        identifies.
        """
        return self.made_from == made_from and all(
            (folder / name).is_file() for name in self.digests
        )


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the last report, or an empty one if it is missing or unreadable."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Manifest(
            dict(content["digests"]),
            dict(content["releases"]),
            str(content.get("release_id", "")),
            str(content.get("made_from", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest()


def digest_of(*parts: str) -> str:
    """Return a digest of texts, 128 bits in hexadecimal."""
    return hashlib.blake2b(
        "\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a temporary file and rename it, so that readers see either the complete old or the
    complete new file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    part.replace(path)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest. It must be the last file, so that the next run rewrites the pages of an
    interrupted run.
    """
    replace_file(folder / NAME, json.dumps(asdict(manifest), indent=0, sort_keys=True))


def remove_stale(folder: Path, before: Manifest, after: Manifest) -> int:
    """Remove the files that are no longer part of the report and return their number."""
    root = os.path.realpath(folder)
    count = 0
    for name in before.digests.keys() - after.digests.keys():
        path = folder / name
        # A user can edit the manifest, so never remove a file outside the report's folder.
        if os.path.realpath(path).startswith(root + os.sep) and path.is_file():
            path.unlink()
            count += 1
    return count
