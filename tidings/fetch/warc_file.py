"""WARC files as a source: they contain the pages themselves, such as Common Crawl's CC-NEWS."""

import datetime as dt
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from tidings.base.dates import date_in_url
from tidings.base.owners import Owners
from tidings.base.urls import normalise_url
from tidings.fetch.response import Outcome, Response
from tidings.fetch.response_body import MAX_DECODED_BYTES, BodyError, decode_transfer
from tidings.fetch.window import Window

LATE_CAPTURE = dt.timedelta(days=31)  # crawlers fetch a page some time after its publication
_RECORD_TYPES = WarcRecordType.response | WarcRecordType.revisit


class Position(NamedTuple):
    """Progress in a file: the number of records read, and the byte offset of the last record."""

    record_count: int
    offset: int


class WarcPage(NamedTuple):
    """A page from a WARC file: the response to the request for its URL, and its publisher."""

    response: Response
    publisher_id: str


@dataclass(frozen=True, slots=True)
class WarcFile:
    """A WARC file, and the pages to read from it. ``listing_urls`` are not pages. A page is in the
    window if the date in its URL is, else if it was captured there or up to LATE_CAPTURE after it.
    """

    path: Path
    owners: Owners
    window: Window
    listing_urls: Collection[str]

    def read(self) -> Iterator[tuple[Position, WarcPage | str]]:
        """Yield the position and the page of each response, or why it is skipped. The last item is
        ``unreadable`` if the file cannot be read to its end.
        """
        position = Position(0, 0)
        with self.path.open("rb") as file:
            records = ArchiveIterator(file, record_types=_RECORD_TYPES, parse_http=False)
            while True:
                try:
                    record = next(records, None)
                    if record is None:
                        return
                    position = Position(position.record_count + 1, record.stream_pos)
                    page = self._read_page(record)
                except (OSError, EOFError, ValueError):
                    yield position, "unreadable"
                    return
                yield position, page

    def _read_page(self, record: WarcRecord) -> WarcPage | str:
        url = normalise_url(record.headers.get("WARC-Target-URI") or "") or ""
        if not url:
            return "no_address"
        # cleaning uses the owner on the day of the capture
        publisher_id = self.owners.owner_of(url, None)
        if publisher_id is None:
            return "other_publisher"
        fetched_at = record.record_date and record.record_date.astimezone(dt.UTC)
        if mismatch := self._mismatch(record, url, fetched_at):
            return mismatch
        try:
            head, body = _read_http(record)
        except BodyError as error:
            return error.outcome
        encode = methodcaller("encode", "latin-1", "replace")
        lines = tuple((encode(name), encode(value)) for name, value in head)
        shown = url, Outcome.OK, fetched_at, None, url, 200, "OK", head.get("Content-Type"), body
        return WarcPage(Response(*shown, raw_headers=lines), publisher_id)

    def _mismatch(self, record: WarcRecord, url: str, fetched_at: dt.datetime | None) -> str | None:
        if not fetched_at:
            return "no_date"
        if url in self.listing_urls:
            return "listing"
        if record.record_type == WarcRecordType.revisit:
            return "revisit"
        day = date_in_url(url)
        start, end = self.window.start, self.window.end + LATE_CAPTURE
        is_inside = self.window.contains(day) if day else start <= fetched_at.date() <= end
        return None if is_inside else "outside_window"


def _read_http(record: WarcRecord) -> tuple[HeaderMap, bytes]:
    """Return headers and body of a response. Raises BodyError with the reason to skip it."""
    with suppress(OSError, ValueError):
        record.parse_http()
    if not record.is_http_parsed:
        raise BodyError("protocol_error")
    head = record.http_headers
    if head.status_code != HTTPStatus.OK:
        raise BodyError("http_error")
    if not re.search("html|pdf|wordprocessingml", head.get("Content-Type") or "html"):
        raise BodyError("not_html")
    length = record.content_length
    raw = record.reader.read(MAX_DECODED_BYTES + 1)
    if len(raw) > MAX_DECODED_BYTES:
        raise BodyError("too_big")
    if len(raw) < length:
        raise BodyError("truncated")
    body = decode_transfer(raw, head.get("Transfer-Encoding"), head.get("Content-Encoding"))
    if not body:
        raise BodyError("empty")
    return head, body
