"""Import pages of a window from WARC files of other programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.owners import Owners
from tidings.base.urls import normalise_url
from tidings.fetch.warc_file import Position, WarcFile
from tidings.stages.land import MAX_HELD, Landing, land, make_landing
from tidings.storage.lake import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tidings.base.records import Publisher
    from tidings.fetch.window import Window
    from tidings.stages.run import Run

BATCH = 500


def import_files(
    run: Run,
    files: Sequence[Path],
    publishers: Sequence[Publisher],
    window: Window,
    *,
    sources: Collection[str] = (),
) -> int:
    """Store the pages of these publishers in WARC files for a window, and return their number.

    ``sources`` are URLs that list items and are no pages. A damaged file yields the pages before
    the damage, and a log line. Raises WarehouseError if a file is not a WARC file.
    """
    listing_urls = {url for source in sources if (url := normalise_url(source))}
    owners = Owners(publishers)
    return sum(_import_file(run, WarcFile(path, owners, window, listing_urls)) for path in files)


def _import_file(run: Run, file: WarcFile) -> int:
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    byte_count, position, origin = 0, Position(0, 0), file.path.name
    for position, page in file.read():  # noqa: B007 - also used after the loop
        if isinstance(page, str):
            outcomes[page] += 1
            continue
        outcomes["ok"] += 1
        waiting.append(make_landing(page.response, None, page.publisher_id, "page", origin))
        byte_count += page.response.byte_count
        if len(waiting) >= BATCH or byte_count >= MAX_HELD:
            land(run, "imported", waiting)
            waiting, byte_count = [], 0
    if outcomes.keys() == {"unreadable"}:
        raise WarehouseError(f"{file.path} cannot be read as WARC.")
    if waiting:
        land(run, "imported", waiting)
    counts = ", ".join(f"{count:,} {name}" for name, count in outcomes.most_common())
    run.log(f"{origin}: {counted(position.record_count, 'record')} ({counts or 'none'})")
    if outcomes.keys() & {"unreadable", "truncated"}:
        run.log(
            f"{origin} is damaged: it was read up to byte {position.offset:,} of"
            f" {file.path.stat().st_size:,},"
            f" {counted(position.record_count, 'record')}. Download the file again."
        )
    return outcomes["ok"]
