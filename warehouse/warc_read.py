"""Read the archive's own WARC files record by record, also past damage."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.warehouse.archive import ROWS_URI, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.warehouse.store import Store

MOST_BYTES = 64_000_000  # of a record, uncompressed: a body has 20 MB at most
_GZIP = 31  # zlib's window bits for a gzip member
_MAGIC = b"\x1f\x8b\x08"
_CHUNK = 2**22
_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Record:
    """A record of an archive file: its place, its WARC headers, its HTTP head (empty where it has none) and its body.

    ``problem`` says why the record is damaged, None where it is not.
    """

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
        """Whether its body is rows that have no body of their own, a line each."""
        return self.kind == "metadata" and self.headers.get("WARC-Target-URI") == ROWS_URI


def read_records(store: Store, name: str) -> Iterator[Record]:
    """Yield the records of a file in order; a damaged stretch is yielded as one record with a problem.

    Raises OSError where the store cannot be read. Memory is bounded by one record of at most 64 MB.
    """
    source = _Source(store, name)
    offset = 0
    while offset < source.size:
        record = _read(source, offset)
        if record.problem and not record.headers:
            following = _find_record(source, offset + 1)
            record = Record(offset, following - offset, {}, b"", b"", record.problem)
        yield record
        offset += record.length


class _Source:
    """A file's bytes, read in large pieces."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self.size = store.size(name)
        self._start, self._held = 0, b""

    def piece(self, offset: int) -> bytes:
        """Return up to 64 kB from this offset, empty at the end."""
        if not self._start <= offset < self._start + len(self._held):
            self._start, self._held = offset, self._store.read(self._name, offset, min(_CHUNK, self.size - offset))
        return self._held[offset - self._start : offset - self._start + _PIECE]


def _read(source: _Source, offset: int) -> Record:
    stream = zlib.decompressobj(wbits=_GZIP)
    parts: list[bytes] = []
    at = offset
    try:
        while not stream.eof:
            piece = source.piece(at) if at < source.size else b""
            if not piece:
                return Record(offset, 0, {}, b"", b"", "the file ends before the record does")
            parts.append(stream.decompress(piece, MOST_BYTES))
            at += len(piece) - len(stream.unused_data)
            if stream.unconsumed_tail or sum(map(len, parts)) > MOST_BYTES:
                return Record(offset, 0, {}, b"", b"", "the record is longer than 64 MB")
    except zlib.error:
        return Record(offset, 0, {}, b"", b"", "the record cannot be decompressed")
    return _parse(offset, at - offset, b"".join(parts))


def _parse(offset: int, length: int, plain: bytes) -> Record:
    first, _, content = plain.partition(b"\r\n\r\n")
    lines = first.decode("utf-8", "replace").split("\r\n")
    headers = {name: value for name, found, value in (line.partition(": ") for line in lines[1:]) if found}
    size = headers.get("Content-Length", "")
    if not lines[0].startswith("WARC/") or not size.isdecimal():
        return Record(offset, length, headers or {"": ""}, b"", b"", "it is no WARC record")
    block = content[: int(size)]
    is_http = headers.get("Content-Type", "").startswith("application/http")
    head, found, body = block.partition(b"\r\n\r\n") if is_http else (b"", b"", block)
    told = headers.get("WARC-Payload-Digest")
    is_whole = headers.get("WARC-Type") == "revisit" or told is None or told == digest_of(body)
    problem = None if is_whole else "its body does not have the digest that its header states"
    return Record(offset, length, headers, head + found, body, problem)


def _find_record(source: _Source, offset: int) -> int:
    """Return where the next readable record begins at or after an offset, or the file's end."""
    while offset < source.size:
        piece = source.piece(offset)
        found = piece.find(_MAGIC)
        if found < 0:
            offset += max(len(piece) - len(_MAGIC) + 1, 1)
            continue
        offset += found
        try:
            if zlib.decompressobj(wbits=_GZIP).decompress(source.piece(offset), 16).startswith(b"WARC/"):
                return offset
        except zlib.error:
            pass
        offset += 1
    return source.size
