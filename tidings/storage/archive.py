"""Write and read the archive: WARC 1.1 files (ISO 28500) with one gzip member per record.

A file is flushed and renamed before its rows are committed. Bodies are stored decoded, and their
transfer headers move to ``X-Crawl-…``. A known body becomes a ``revisit`` record.

For ``tidings rebuild``, each record has its capture's row in a header, and final ``metadata``
records contain entries and the rows without a body as JSON lines.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import functools
import gzip
import hashlib
import io
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import NAMESPACE_URL, uuid5

import orjson
from fastwarc.warc import WarcRecord, WarcRecordType

from tidings.base.records import Capture, FeedEntry, FeedGap, FeedState, Forgotten
from tidings.storage.file_store import Folder, Store
from tidings.version import __version__

ROW_HEADER = "X-Tidings-Row"
ROWS_URI = "urn:tidings:rows"
FORGOTTEN_FILE = "forgotten.warc.gz"  # the rows of raw.forgotten
MAX_LINES = 1_000  # of a record, so that it is shorter than MAX_BYTES
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


class ArchiveError(Exception):
    """A WARC record cannot be read; the message is one sentence for the user."""


class Location(NamedTuple):
    """Offset and length of a record's gzip member, in bytes."""

    offset: int
    length: int


def digest_of(body: bytes) -> str:
    """Return a body's WARC-Payload-Digest: ``sha1:`` and 32 base32 characters."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class WarcFile:
    """A WARC file that gets its name when it is complete: within ``with``, ``add`` records, then
    ``name`` it. Without a name it is deleted.
    """

    def __init__(self, archive: Store) -> None:
        self._archive = archive
        folder = archive.staging
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".", suffix=f".{os.getpid()}.part", dir=folder)
        self._part = Path(part)
        self._out = os.fdopen(handle, "wb")
        info = WarcRecord()
        info.init_headers(record_type=WarcRecordType.warcinfo)
        software = f"software: Tidings/{__version__}\r\nformat: WARC File Format 1.1\r\n"
        info.set_bytes_content(software.encode())
        info.headers["Content-Type"] = "application/warc-fields"
        self._append(info)

    def __enter__(self) -> Self:
        """Return this object."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and delete it if it has no name."""
        self._out.close()
        self._part.unlink(missing_ok=True)

    def add(
        self,
        url: str,
        at: dt.datetime,
        head: bytes,
        body: bytes,
        content_type: str | None,
        *,
        refers_to: tuple[str, dt.datetime] | None = None,
        row: str = "",
        digest: str = "",
    ) -> Location:
        """Write the record of a response and return its location.

        ``head`` is the HTTP status line and headers, up to the empty line; it is empty if the text
        was part of a feed. ``refers_to`` are URL and time of the record that contains this body.
        ``row`` is the capture's row as a JSON line, ``digest`` that of the body if it is known.
        """
        kind = WarcRecordType.response if head else WarcRecordType.resource
        if refers_to:
            kind = WarcRecordType.revisit
        record = _new_record(kind, url, at, digest or digest_of(body), url)
        if row:
            record.headers[ROW_HEADER] = row
        if head:
            content_type = "application/http; msgtype=response"
        record.headers["Content-Type"] = content_type or "application/octet-stream"
        record.set_bytes_content(head + (b"" if refers_to else body))
        if refers_to:
            record.headers["WARC-Profile"] = REVISIT
            record.headers["WARC-Refers-To-Target-URI"] = refers_to[0]
            record.headers["WARC-Refers-To-Date"] = refers_to[1].strftime(_STAMP)
        return self._append(record)

    def add_rows(self, lines: Sequence[str], at: dt.datetime) -> Location:
        """Write ``metadata`` records with rows, and return the location of the first."""
        places = []
        for start in range(0, len(lines) or 1, MAX_LINES):
            content = "\n".join(lines[start : start + MAX_LINES]).encode()
            digest = digest_of(content)
            record = _new_record(WarcRecordType.metadata, ROWS_URI, at, digest, digest)
            record.headers["Content-Type"] = "application/x-ndjson"
            record.set_bytes_content(content)
            places.append(self._append(record))
        return places[0]

    def add_member(self, member: bytes) -> Location:
        """Write a record that is already a gzip member and return its location."""
        offset = self._out.tell()
        self._out.write(member)
        return Location(offset, len(member))

    def name(self, filename: str) -> None:
        """Flush the complete file to disk and give it its name in the archive."""
        self._out.flush()
        self._archive.take_in(self._part, filename)

    def _append(self, record: WarcRecord) -> Location:
        plain = io.BytesIO()
        record.write(plain)
        return self.add_member(gzip.compress(plain.getvalue(), compresslevel=6, mtime=0))


def _new_record(
    kind: WarcRecordType, url: str, at: dt.datetime, digest: str, distinct: str
) -> WarcRecord:
    """Return a record without content, whose ID depends on its time and a distinct text."""
    record, stamp = WarcRecord(), at.strftime(_STAMP)
    urn = f"uuid:{uuid5(NAMESPACE_URL, stamp + distinct)}"
    record.init_headers(record_type=kind, record_urn=urn.encode())
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = stamp
    record.headers["WARC-Payload-Digest"] = digest
    return record


def read_body(archive: Store, filename: str, offset: int, length: int) -> bytes:
    """Return the decoded body of a record. Raises as ``read_record``."""
    return read_record(archive, filename, offset, length).body


def read_record(archive: Store, filename: str, offset: int, length: int) -> Record:
    """Return a record. Raises ArchiveError if it is missing or corrupt, and OSError if the archive
    cannot be reached.
    """
    try:
        record = _read(memoryview(archive.read(filename, offset, length)), 0)
    except (FileNotFoundError, EOFError) as error:
        if isinstance(archive, Folder) and not archive.path.is_dir():
            raise  # the folder is not mounted
        raise ArchiveError(f"{filename} cannot be read at byte {offset}: {error}") from error
    if record.problem:
        raise ArchiveError(f"{filename} cannot be read at byte {offset}: {record.problem}.")
    return record


def leftover_parts(archive: Store) -> Iterator[Path]:
    """Yield the unnamed files of processes that have ended; no row refers to them."""
    for part in archive.staging.rglob(".*.part"):
        pid = part.name.rsplit(".", 2)[-2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
            yield part


MAX_BYTES = 64_000_000  # of a record, uncompressed; a body has at most 20 MB
_GZIP = 31  # zlib's window bits for a gzip member
_MAGIC = b"\x1f\x8b\x08"
_PIECE = 2**16  # bytes that are decompressed at once


@dataclass(frozen=True, slots=True)
class Record:
    """A record: location, WARC headers, HTTP head (empty if it has none), body, and damage."""

    offset: int
    length: int
    headers: dict[str, str]
    head: bytes
    body: bytes
    problem: str | None = None

    @property
    def kind(self) -> str:
        """The record's WARC-Type."""
        return self.headers.get("WARC-Type", "")

    @property
    def is_rows(self) -> bool:
        """True if the record contains rows as JSON lines."""
        return self.kind == "metadata" and self.headers.get("WARC-Target-URI") == ROWS_URI


def read_warc(store: Store, name: str) -> Iterator[Record]:
    """Yield the records of a file in order; a damaged range becomes one record with a problem.
    Raises OSError.
    """
    data, offset = memoryview(store.read(name)), 0
    while offset < len(data):
        record = _read(data, offset)
        if record.problem and not record.headers:
            following = _find_record(data, offset + 1)
            record = Record(offset, following - offset, {}, b"", b"", record.problem)
        yield record
        offset += record.length


def _read(data: memoryview, offset: int) -> Record:
    stream = zlib.decompressobj(wbits=_GZIP)
    parts: list[bytes] = []
    at, problem = offset, ""
    try:
        while not (stream.eof or problem):
            piece = data[at : at + _PIECE]
            parts.append(stream.decompress(piece, MAX_BYTES))
            at += len(piece) - len(stream.unused_data)
            if not piece:
                problem = "the file ends before the record does"
            elif stream.unconsumed_tail or sum(map(len, parts)) > MAX_BYTES:
                problem = "the record is longer than 64 MB"
    except zlib.error:
        problem = "the record cannot be decompressed"
    if problem:
        return Record(offset, 0, {}, b"", b"", problem)
    return _parse(offset, at - offset, b"".join(parts))


def _parse(offset: int, length: int, plain: bytes) -> Record:
    first, _, content = plain.partition(b"\r\n\r\n")
    lines = first.decode("utf-8", "replace").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    size = headers.get("Content-Length", "")
    if not lines[0].startswith("WARC/") or not size.isdecimal():
        return Record(offset, length, headers or {"": ""}, b"", b"", "invalid WARC record")
    block = content[: int(size)]
    is_http = headers.get("Content-Type", "").startswith("application/http")
    head, separator, body = block.partition(b"\r\n\r\n") if is_http else (b"", b"", block)
    digest = headers.get("WARC-Payload-Digest")
    is_whole = headers.get("WARC-Type") == "revisit" or digest is None or digest == digest_of(body)
    problem = None if is_whole else "its body does not match the digest in its header"
    return Record(offset, length, headers, head + separator, body, problem)


def _find_record(data: memoryview, offset: int) -> int:
    """Return the offset of the next readable record, or the file's size."""
    for match in re.compile(_MAGIC).finditer(data, offset):
        with suppress(zlib.error):
            piece = data[match.start() : match.start() + _PIECE]
            if zlib.decompressobj(wbits=_GZIP).decompress(piece, 16).startswith(b"WARC/"):
                return match.start()
    return len(data)


KINDS = {kind.TABLE: kind for kind in (Capture, FeedEntry, FeedState, FeedGap, Forgotten)}
# known from the archive file itself
PLACE = ("warc_file", "warc_offset", "warc_length", "is_revisit")
LEFT_OUT = {Capture: PLACE, FeedState: ("entry_ids",)}  # known from the entries


def to_line(row: Any, now: dt.datetime) -> str:
    """Return a row as one line of JSON, with the time of the run that wrote it."""
    names, read = _fields(row.__class__)
    given = zip(names, read(row), strict=True)
    fields = {name: value for name, value in given if value is not None}
    return orjson.dumps({"table": row.TABLE, "now": now, "row": fields}).decode()


@functools.cache
def _fields(kind: type) -> tuple[list[str], Callable[[Any], tuple[Any, ...]]]:
    dropped = LEFT_OUT.get(kind, ())
    names = [name for name in kind.__slots__ if name not in dropped]  # type: ignore[attr-defined]
    return names, attrgetter(*names)


def from_line(text: str, **more: Any) -> tuple[Any, dt.datetime] | None:
    """Return the row of a line and the time of its run, or None if the line is invalid; ``more``
    adds or replaces fields. A missing field is None, or an empty list.
    """
    try:
        content = orjson.loads(text)
        empty, read = _reader(KINDS[content["table"]])
        row = {**empty, "is_revisit": False, **content["row"], **more}
        return read(orjson.dumps([row, content["now"]]), strict=True)  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError):
        return None


@functools.cache
def _reader(kind: Any) -> tuple[dict[str, Any], Callable[..., Any]]:
    """Return the fields of a row without values, and a function that reads a row and a time."""
    from pydantic import AwareDatetime, TypeAdapter  # noqa: PLC0415 - other commands do not need it

    fields = dataclasses.fields(kind)
    empty: dict[str, Any] = {row.name: [] if "list" in row.type else None for row in fields}
    return empty, TypeAdapter(tuple[kind, AwareDatetime]).validate_json


def parse_lines(body: bytes) -> list[tuple[Any, dt.datetime]]:
    """Return the rows of the valid lines of a record, with the times of their runs."""
    lines = body.decode("utf-8", "replace").split("\n")
    return [found for text in lines if (found := from_line(text))]
