"""The raw archive: WARC 1.1 files (ISO 28500), one gzip member a record, so that any archive tool can replay them.

A file is written aside, flushed to disk and only then named; its index rows are committed after that. Bodies are kept
decoded, as Common Crawl does: the transfer's own headers move to ``X-Crawl-…``. A body that an earlier record holds
becomes a ``revisit`` record (profile identical-payload-digest).

``tidings rebuild`` makes the lake again from these files. So each record has the row of its capture in a header, and a last
``metadata`` record has the rows for which no body was stored, a line of JSON each.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import NAMESPACE_URL, uuid5

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from tidings.warehouse.store import Folder, Store, store_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

ROW_HEADER = "X-Tidings-Row"
ROWS_URI = "urn:tidings:rows"
FORGOTTEN_FILE = "forgotten.warc.gz"  # the rows of raw.forgotten
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


class ArchiveError(Exception):
    """A WARC record that cannot be read; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What one answer brought: the address, the instant, the HTTP head, and the decoded body."""

    url: str
    fetched_at: dt.datetime
    head: bytes  # HTTP status line and headers, up to the empty line; empty: the text came inside a feed
    body: bytes
    content_type: str | None
    refers_to: tuple[str, dt.datetime] | None = None  # address and instant of the record that holds this body
    row: str = ""  # the capture's row, as ``rows.to_line`` writes it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: offset and length in bytes of its gzip member."""

    offset: int
    length: int


def digest_of(body: bytes) -> str:
    """Return a body's digest as WARC-Payload-Digest writes it: ``sha1:`` and 32 base32 characters."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class WarcFile:
    """A WARC file in the making, named only when it is complete.

    Use it as a context manager: ``add`` records, then ``name`` the file; without a name it leaves nothing behind.
    """

    def __init__(self, archive: Path | Store, software: str) -> None:
        self._archive = store_at(archive)
        folder = self._archive.staging
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=folder)
        self._part = Path(part)
        self._out = os.fdopen(handle, "wb")
        info = WarcRecord()
        info.init_headers(record_type=WarcRecordType.warcinfo)
        info.set_bytes_content(f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode())
        info.headers["Content-Type"] = "application/warc-fields"
        self._append(info)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and remove it where it was never named."""
        self._out.close()
        self._part.unlink(missing_ok=True)

    def add(self, payload: Payload) -> Place:
        """Write one record and return where it lies."""
        record = WarcRecord()
        kind = WarcRecordType.response if payload.head else WarcRecordType.resource
        if payload.refers_to:
            kind = WarcRecordType.revisit
        stamp = payload.fetched_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        record.init_headers(record_type=kind, record_urn=f"uuid:{uuid5(NAMESPACE_URL, stamp + payload.url)}".encode())
        record.headers["WARC-Target-URI"] = payload.url
        record.headers["WARC-Date"] = stamp
        record.headers["WARC-Payload-Digest"] = digest_of(payload.body)
        if payload.row:
            record.headers[ROW_HEADER] = payload.row
        content = b"" if payload.refers_to else payload.body
        if payload.head:
            record.headers["Content-Type"] = "application/http; msgtype=response"
            record.set_bytes_content(payload.head + content)
        else:
            record.headers["Content-Type"] = payload.content_type or "application/octet-stream"
            record.set_bytes_content(content)
        if payload.refers_to:
            record.headers["WARC-Profile"] = REVISIT
            record.headers["WARC-Refers-To-Target-URI"] = payload.refers_to[0]
            record.headers["WARC-Refers-To-Date"] = payload.refers_to[1].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return self._append(record)

    def add_rows(self, lines: Sequence[str], at: dt.datetime) -> Place:
        """Write the record of rows without a body and return where it lies; ``at`` is the instant of the run."""
        return self._append(rows_record(lines, at))

    def name(self, filename: str) -> None:
        """Give the complete file its name in the archive, from where no power cut takes it."""
        self._out.flush()
        self._archive.take_in(self._part, filename)

    def _append(self, record: WarcRecord) -> Place:
        member = pack(record)
        offset = self._out.tell()
        self._out.write(member)
        return Place(offset, len(member))


def pack(record: WarcRecord) -> bytes:
    """Return a record as a gzip member."""
    plain = io.BytesIO()
    record.write(plain)
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)


def rows_record(lines: Sequence[str], at: dt.datetime) -> WarcRecord:
    """Return the ``metadata`` record of these lines."""
    record = WarcRecord()
    content = "\n".join(lines).encode()
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    urn = f"uuid:{uuid5(NAMESPACE_URL, stamp + digest_of(content))}"
    record.init_headers(record_type=WarcRecordType.metadata, record_urn=urn.encode())
    record.headers["WARC-Target-URI"] = ROWS_URI
    record.headers["WARC-Date"] = stamp
    record.headers["WARC-Payload-Digest"] = digest_of(content)
    record.headers["Content-Type"] = "application/x-ndjson"
    record.set_bytes_content(content)
    return record


def read_body(archive: Path | Store, filename: str, offset: int, length: int) -> bytes:
    """Return the decoded body of the record at this place.

    Raises ArchiveError when the file is gone, cut off or corrupt, and OSError when the archive itself cannot be reached now: what
    may be there tomorrow is not damaged.
    """
    try:
        member = gzip.decompress(store_at(archive).read(filename, offset, length))
        for record in ArchiveIterator(io.BytesIO(member), parse_http=True):
            return bytes(record.reader.read())
    except (FileNotFoundError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        if isinstance(archive, Path | Folder) and not store_at(archive).staging.is_dir():
            raise  # a folder that is not mounted
        message = f"{filename} cannot be read at byte {offset}: {error}"
        raise ArchiveError(message) from error
    message = f"{filename} holds no record at byte {offset}."
    raise ArchiveError(message)


def leftover_parts(archive: Path | Store) -> Iterator[Path]:
    """Yield the unnamed files whose writing process is no more: nothing of them was ever indexed."""
    for part in store_at(archive).staging.rglob(".*.part"):
        pid = part.name.rsplit(".", 2)[-2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
            yield part
