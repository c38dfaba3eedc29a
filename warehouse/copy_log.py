"""Copies that were taken out of a warehouse, so that what is forgotten here can be taken out there too."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from tidings.warehouse.lake import Lake

FILE = "copies.jsonl"


@dataclass(frozen=True, slots=True)
class Copy:
    """An export or a backup: its kind, its folder, the release that it holds, and whether publishers' texts are in it."""

    kind: str
    folder: str
    release_id: str
    has_text: bool = False
    taken_at: str = ""


def record_copy(lake: Lake, kind: str, folder: Path, release_id: str, now: dt.datetime, *, has_text: bool = False) -> None:
    """Write down that a copy was taken; one into the same folder replaces what was known of it."""
    taken = Copy(kind, str(folder.resolve()), release_id, has_text, now.isoformat())
    with (lake.root / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(taken)) + "\n")


def list_copies(lake: Lake) -> list[Copy]:
    """Return the copies that were taken and whose folders are still there, one a folder."""
    path = lake.root / FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {taken.folder: taken for taken in (Copy(**json.loads(line)) for line in lines if line.strip())}
    return [taken for taken in found.values() if Path(taken.folder).is_dir()]
