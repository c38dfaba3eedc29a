"""Importing: pages of a window from WARC files that others made, such as Common Crawl's CC-NEWS."""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from tidings.flows.fetch.decompress import MAX_DECODED_BYTES, CutOffError, TooBigError, TooManyMembersError
from tidings.flows.fetch.transfer_encoding import EncodingError, decode_transfer
from tidings.flows.identity import capture_key
from tidings.flows.owners import Owners
from tidings.flows.stages.land import land
from tidings.flows.stages.landing import MOST_HELD, Landing
from tidings.flows.stages.window import day_in_address
from tidings.flows.urls import normalise_url
from tidings.warehouse.archive import digest_of
from tidings.warehouse.lake import WarehouseError
from tidings.warehouse.records import Capture

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from fastwarc.warc import HeaderMap, WarcRecord

    from tidings.flows.stages.run import Run
    from tidings.flows.stages.window import Window
    from tidings.warehouse.records import Publisher

BATCH = 500
SLACK = dt.timedelta(days=31)  # a page is crawled some time after it was published
WANTED = WarcRecordType.response | WarcRecordType.revisit
_WIRE_HEADERS = {"content-encoding", "transfer-encoding", "content-length"}
BROKEN: dict[type[Exception], str] = {
    TooBigError: "too_big",
    TooManyMembersError: "too_big",
    CutOffError: "truncated",
    EncodingError: "protocol_error",
    zlib.error: "protocol_error",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Progress in a file: the number of records read, and the byte offset of the last one."""

    record_count: int
    offset: int


def import_files(
    run: Run, files: Sequence[Path], publishers: Sequence[Publisher], window: Window, *, sources: Collection[str] = ()
) -> int:
    """Land the pages of these publishers that WARC files contain for a window, and return how many.

    The date in its URL decides whether a page is in the window, else its capture time, up to SLACK after the window.
    ``sources`` are URLs that list items and are not pages. The decoded bodies are copied into the archive, so you may delete
    the files. A message counts the outcomes of all records. A damaged file yields the pages before the damage, and a message.
    Raises WarehouseError for a file that is not a WARC file.
    """
    lists = {url for source in sources if (url := normalise_url(source))}
    owners = Owners(publishers)
    return sum(_import_file(run, path, owners, window, lists) for path in files)


def _import_file(run: Run, path: Path, owners: Owners, window: Window, lists: Collection[str]) -> int:
    outcomes: Counter[str] = Counter()
    waiting: list[Landing] = []
    byte_count, place = 0, _Place(0, 0)
    for at, landing in _read(path, owners, window, lists):
        place = at
        outcomes[landing if isinstance(landing, str) else "ok"] += 1
        if isinstance(landing, str):
            continue
        waiting.append(landing)
        byte_count += len(landing.body)
        if len(waiting) >= BATCH or byte_count >= MOST_HELD:
            land(run, "imported", waiting)
            waiting, byte_count = [], 0
    if outcomes.keys() == {"unreadable"}:
        raise WarehouseError(f"{path} cannot be read as WARC.")
    if waiting:
        land(run, "imported", waiting)
    named = ", ".join(f"{count:,} {name}" for name, count in outcomes.most_common())
    run.log(f"{path.name}: {place.record_count:,} records ({named or 'none'})")
    if outcomes["unreadable"] or outcomes["truncated"]:
        run.log(
            f"{path.name} is damaged: it was read up to byte {place.offset:,} of {path.stat().st_size:,},"
            f" {place.record_count:,} records. Download the file again."
        )
    return outcomes["ok"]


def _read(path: Path, owners: Owners, window: Window, lists: Collection[str]) -> Iterator[tuple[_Place, Landing | str]]:
    """Yield the place and the landing of each response of a file, or the name of the reason why the response is skipped.

    The last item is ``unreadable`` if the file cannot be read to its end.
    """
    place = _Place(0, 0)
    with path.open("rb") as file:
        records = ArchiveIterator(file, record_types=WANTED, parse_http=False)
        while True:
            try:
                record = next(records, None)
                if record is None:
                    return
                place = _Place(place.record_count + 1, record.stream_pos)
                landing = _landing(record, path.name, owners, window, lists)
            except (OSError, EOFError, ValueError):
                yield place, "unreadable"
                return
            yield place, landing


def _landing(record: WarcRecord, origin: str, owners: Owners, window: Window, lists: Collection[str]) -> Landing | str:
    """Return a record's landing, or the name of the reason why it is not a page of these publishers and this window."""
    url = normalise_url(record.headers.get("WARC-Target-URI") or "")
    publisher = owners.owner_of(url, None) if url else None  # cleaning uses the owner on the day of the capture
    if not url or publisher is None:
        return "other_publisher" if url else "no_address"
    at = _captured_at(record)
    if at is None:
        return "no_date"
    if mismatch := _mismatch(record, url, at.date(), window, lists):
        return mismatch
    head = _head(record)
    body = _body(record, head) if not isinstance(head, str) else head
    if isinstance(head, str) or isinstance(body, str):
        return str(body)
    capture = _capture(url, publisher, at, body=body, content_type=head.get("Content-Type"), origin=origin)
    return Landing(capture, _stored_head(head, len(body)), body)


def _mismatch(record: WarcRecord, url: str, captured_on: dt.date, window: Window, lists: Collection[str]) -> str | None:
    if url in lists:
        return "listing"
    if record.record_type == WarcRecordType.revisit:
        return "revisit"
    day = day_in_address(url)
    is_inside = window.holds(day) if day else window.start <= captured_on <= window.end + SLACK
    return None if is_inside else "outside_window"


def _captured_at(record: Any) -> dt.datetime | None:
    """Return when a record was captured, in UTC, or None if its date is missing or invalid."""
    date = record.record_date
    return date.astimezone(dt.UTC) if date else None


def _head(record: WarcRecord) -> HeaderMap | str:
    """Return a record's HTTP head, or the name of the reason why its response is not a page."""
    try:
        record.parse_http()
    except (OSError, ValueError):
        return "protocol_error"
    if not record.is_http_parsed:
        return "protocol_error"
    head = record.http_headers
    if head.status_code != HTTPStatus.OK:
        return "http_error"
    return head if "html" in (head.get("Content-Type") or "html") else "not_html"


def _body(record: WarcRecord, head: HeaderMap) -> bytes | str:
    """Return a record's decoded body, or the name of the reason why there is none."""
    length = record.content_length
    raw = record.reader.read(MAX_DECODED_BYTES + 1)
    if len(raw) > MAX_DECODED_BYTES:
        return "too_big"
    if len(raw) < length:
        return "truncated"
    try:
        return decode_transfer(raw, head.get("Transfer-Encoding"), head.get("Content-Encoding")) or "empty"
    except tuple(BROKEN) as error:
        return next(name for kind, name in BROKEN.items() if isinstance(error, kind))


def _stored_head(head: HeaderMap, byte_count: int) -> bytes:
    """Return the HTTP head to store before the decoded body; transfer headers get the prefix ``X-Crawl-``."""
    lines = [f"HTTP/1.1 {head.status_code} OK"]
    lines += [f"{'X-Crawl-' * (name.lower() in _WIRE_HEADERS)}{name}: {value}" for name, value in head]
    return "\r\n".join([*lines, f"Content-Length: {byte_count}", "", ""]).encode("latin-1", "replace")


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
