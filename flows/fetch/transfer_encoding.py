"""Undo the transfer and content encodings of a stored response, within the fetcher's limits."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from fastwarc.stream_io import BrotliReader, ChunkedReader, ZstdReader

from tidings.flows.fetch.decompress import ACCEPTED, MAX_DECODED_BYTES, CutOffError, Inflater, TooBigError, is_gzip, name_body

if TYPE_CHECKING:
    from fastwarc.stream_io import WarcReader

_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_MOST_ENCODINGS = 3
_STREAMS: dict[str, type[BrotliReader | ZstdReader]] = {"br": BrotliReader, "zstd": ZstdReader}
_IDENTITY = {"", "identity"}


class EncodingError(Exception):
    """The body is not encoded as its headers state, or in an encoding that Tidings does not know."""


def decode_transfer(
    body: bytes, transfer_encoding: str | None, content_encoding: str | None, limit: int = MAX_DECODED_BYTES
) -> bytes:
    """Return the body without its transfer encoding and content encodings: chunked, gzip, deflate, br, zstd.

    Many writers of WARC files decode the body and keep the headers. So a body without the signature of its declared encoding
    is returned as it is. Raises TooBigError beyond ``limit`` bytes, CutOffError where the end is missing, zlib.error or
    EncodingError where the bytes are damaged, and TooManyMembersError as ``Inflater`` does.
    """
    if "chunked" in (transfer_encoding or "").lower() and _CHUNK_SIZE.match(body):
        body = _read(ChunkedReader(io.BytesIO(body)), limit)
    encodings = [name.strip().lower() for name in (content_encoding or "").split(",")]
    if len(encodings) > _MOST_ENCODINGS:
        raise EncodingError(f"The body has {len(encodings)} encodings.")
    for encoding in reversed(encodings):
        body = _decode(body, encoding, limit)
    return body


def _decode(body: bytes, encoding: str, limit: int) -> bytes:
    if not body or encoding in _IDENTITY or _is_decoded(body, encoding):
        return body
    if encoding in _STREAMS:
        return _read(_STREAMS[encoding](io.BytesIO(body)), limit)
    if encoding not in ACCEPTED:
        raise EncodingError("The body has an unknown encoding.")
    inflater = Inflater(encoding, limit)
    pieces = inflater.feed(body)
    inflater.finish()
    return b"".join(pieces)


def _is_decoded(body: bytes, encoding: str) -> bool:
    return not is_gzip(body) if encoding.endswith("gzip") else name_body(body) in {"html", "feed", "xml", "sitemap"}


def _read(reader: WarcReader, limit: int) -> bytes:
    try:
        body = reader.read(limit + 1)
    except OSError as error:
        if any(sign in str(error) for sign in ("unexpected end", "incomplete frame")):
            raise CutOffError from error
        raise EncodingError(str(error)) from error
    if len(body) > limit:
        raise TooBigError
    return body
