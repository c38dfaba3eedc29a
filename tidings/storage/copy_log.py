"""Record exports and backups of a warehouse, so that `tidings forget` can also remove a page from
them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from tidings.storage.lake import Lake

FILE = "copies.jsonl"


@dataclass(frozen=True, slots=True)
class Copy:
    """An export or a backup: its kind, its folder, its release, and whether it contains publishers'
    texts.
    """

    kind: str
    folder: str
    release_id: str
    has_text: bool = False
    taken_at: str = ""


def record_copy(
    lake: Lake,
    kind: str,
    folder: Path,
    release_id: str,
    now: dt.datetime,
    *,
    has_text: bool = False,
) -> None:
    """Record a copy; it replaces an earlier record of the same folder."""
    copy = Copy(kind, str(folder.resolve()), release_id, has_text, now.isoformat())
    with (lake.root / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(copy)) + "\n")


def list_copies(lake: Lake) -> list[Copy]:
    """Return the last copy in each folder that still exists."""
    path = lake.root / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    copies = [Copy(**json.loads(line)) for line in lines if line.strip()]
    last = {copy.folder: copy for copy in copies}
    return [copy for copy in last.values() if Path(copy.folder).is_dir()]
