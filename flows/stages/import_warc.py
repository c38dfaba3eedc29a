"""Import pages of a window from WARC files of other programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidings.flows.fetch.sources.warc_file import Position, WarcFile, WarcPage
from tidings.flows.owners import Owners
from tidings.flows.stages.land import MOST_HELD, Landing, land
from tidings.flows.urls import capture_key, normalise_url
from tidings.warehouse.archive import digest_of
from tidings.warehouse.lake import WarehouseError
from tidings.warehouse.records import Capture

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tidings.flows.fetch.window import Window
    from tidings.flows.stages.run import Run
    from tidings.warehouse.records import Publisher

BATCH = 500


def import_files(
    run: Run, files: Sequence[Path], publishers: Sequence[Publisher], window: Window, *, sources: Collection[str] = ()
) -> int:
    """Store the pages of these publishers that WARC files contain for a window, and return their number.

    ``sources`` are URLs that list items and are not pages. The decoded bodies are copied into the archive, so you may delete
    the files. A log line counts the outcomes of all records. A damaged file yields the pages before the damage, and a log line.
    Raises WarehouseError if a file is not a WARC file.
    """
    listing_urls = {url for source in sources if (url := normalise_url(source))}
    owners = Owners(publishers)
    return sum(_import_file(run, WarcFile(path, owners, window, listing_urls)) for path in files)


def _import_file(run: Run, file: WarcFile) -> int:
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    byte_count, position = 0, Position(0, 0)
    for at, page in file.read():
        position = at
        outcomes[page if isinstance(page, str) else "ok"] += 1
        if isinstance(page, str):
            continue
        waiting.append(_make_landing(page, file.path.name))
        byte_count += len(page.body)
        if len(waiting) >= BATCH or byte_count >= MOST_HELD:
            land(run, "imported", waiting)
            waiting, byte_count = [], 0
    if outcomes.keys() == {"unreadable"}:
        raise WarehouseError(f"{file.path} cannot be read as WARC.")
    if waiting:
        land(run, "imported", waiting)
    counts = ", ".join(f"{count:,} {name}" for name, count in outcomes.most_common())
    run.log(f"{file.path.name}: {position.record_count:,} records ({counts or 'none'})")
    if outcomes["unreadable"] or outcomes["truncated"]:
        run.log(
            f"{file.path.name} is damaged: it was read up to byte {position.offset:,} of {file.path.stat().st_size:,},"
            f" {position.record_count:,} records. Download the file again."
        )
    return outcomes["ok"]


def _make_landing(page: WarcPage, origin: str) -> Landing:
    capture = Capture(
        capture_id=capture_key(page.url, page.fetched_at),
        url=page.url,
        final_url=page.url,
        kind="page",
        feed_id=None,
        publisher_id=page.publisher_id,
        fetched_at=page.fetched_at,
        outcome="ok",
        reason=None,
        status=200,
        content_type=page.content_type,
        digest=digest_of(page.body),
        byte_count=len(page.body),
        warc_file=None,
        warc_offset=None,
        warc_length=None,
        is_revisit=False,
        origin=origin,
        covers_from=None,
        covers_until=None,
    )
    return Landing(capture, page.head, page.body)
