"""Importing: pages of a window from WARC files that others made, such as Common Crawl's CC-NEWS."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from fastwarc.warc import ArchiveIterator, WarcRecordType

from flows.stages.land import land
from flows.stages.landing import MOST_HELD, Landing
from flows.steps.identity import capture_key
from flows.steps.owners import Owners
from flows.steps.urls import normalise_url
from flows.steps.window import day_in_address
from warehouse.archive import digest_of
from warehouse.lake import WarehouseError
from warehouse.records import Capture

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from fastwarc.warc import WarcRecord

    from flows.stages.run import Run
    from flows.steps.window import Window
    from warehouse.records import Publisher

BATCH = 500
MOST_BYTES = 20 * 2**20
SLACK = dt.timedelta(days=31)  # a page is crawled some time after it was published


def import_files(
    run: Run, files: Sequence[Path], publishers: Sequence[Publisher], window: Window, *, sources: Collection[str] = ()
) -> int:
    """Land the pages of these publishers that WARC files hold for a window, and return how many.

    A page counts by the date in its address, else by when it was captured, up to SLACK after the window; ``sources`` are
    addresses that list items and are none themselves. The bytes are copied into the archive, so the files may go.
    Raises WarehouseError with one sentence for a file that is none.
    """
    lists = {normalise_url(source) for source in sources}
    owners = Owners(publishers)
    count = 0
    for path in files:
        waiting: list[Landing] = []
        held = 0
        for landing in _read(path, owners, window):
            if landing.capture.url in lists:
                continue
            waiting.append(landing)
            count += 1
            held += len(landing.body)
            if len(waiting) >= BATCH or held >= MOST_HELD:
                land(run, "imported", waiting)
                waiting, held = [], 0
        land(run, "imported", waiting)
        run.tell(f"{path.name}: {count} pages of the window so far")
    return count


def _read(path: Path, owners: Owners, window: Window) -> Iterator[Landing]:
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
                landing = _landing(record, path.name, owners, window)
                if landing:
                    yield landing
    except (OSError, EOFError, ValueError) as error:
        raise WarehouseError(f"{path} cannot be read as WARC: {error}") from error


def _landing(record: WarcRecord, origin: str, owners: Owners, window: Window) -> Landing | None:
    """Return what a record lands as, or None where it is no page of these publishers and this window."""
    url = normalise_url(record.headers.get("WARC-Target-URI") or "")
    publisher = owners.owner_of(url, None) if url else None  # cleaning looks at the day of the capture
    head = record.http_headers
    if not url or publisher is None or head is None or head.status_code != 200:
        return None
    at = record.record_date.astimezone(dt.UTC)
    day = day_in_address(url)
    if not (window.holds(day) if day else window.start <= at.date() <= window.end + SLACK):
        return None
    content_type = head.get("Content-Type")
    if "html" not in (content_type or "html"):
        return None
    body = record.reader.read(MOST_BYTES + 1)
    if not body or len(body) > MOST_BYTES:
        return None
    kept = [f"{name}: {value}" for name, value in head if name.lower() not in {"content-encoding", "transfer-encoding"}]
    lines = [f"HTTP/1.1 {head.status_code} OK", *(line for line in kept if not line.lower().startswith("content-length"))]
    stored = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1", "replace")
    return Landing(_capture(url, publisher, at, body=body, content_type=content_type, origin=origin), stored, body)


def _capture(url: str, publisher_id: str, at: dt.datetime, *, body: bytes, content_type: str | None, origin: str) -> Capture:
    return Capture(
        capture_id=capture_key(url, at),
        url=url,
        final_url=url,
        kind="page",
        feed_id=None,
        publisher_id=publisher_id,
        fetched_at=at,
        outcome="ok",
        reason=None,
        status=200,
        content_type=content_type,
        digest=digest_of(body),
        byte_count=len(body),
        warc_file=None,
        warc_offset=None,
        warc_length=None,
        is_revisit=False,
        origin=origin,
        covers_from=None,
        covers_until=None,
    )
