"""Decode response bodies within limits, and detect their format from their first bytes."""

import io
import re
import zlib
from contextlib import suppress

from fastwarc.stream_io import BrotliReader, ChunkedReader, WarcReader, ZstdReader

MAX_WIRE_BYTES = 5_000_000
MAX_DECODED_BYTES = 20_000_000
MAX_DOCUMENT_BYTES = 24_000_000  # of PDF and Word files, whose pictures take space
MAX_MEMBERS = 1_000  # gzip members: bgzip writes 320 members for 20 MB
_SLICE = 1_024  # bytes per call of zlib, which become at most a megabyte
_GZIP = 31  # zlib's window bits for a gzip member
_ZLIB = 15
_RAW = -15
ACCEPTED = frozenset({"gzip", "x-gzip", "deflate"})
_PROLOG = re.compile(
    rb"(?:\s+|<\?[^>]*\?>|<!--(?:(?!-->).){0,4000}-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)*",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)([\s/>][^<]*?>|>)?")
_FRAGMENTS = {b"script", b"div", b"p", b"br", b"b", b"style", b"center", b"font"}
_ROOT_KINDS = (
    dict.fromkeys((b"rss", b"feed", b"rdf", b"channel"), "feed")
    | dict.fromkeys((b"urlset", b"sitemapindex"), "sitemap")
    | dict.fromkeys((b"html", b"head", b"body", b"title", b"meta", *_FRAGMENTS), "html")
)
_FEED_LATER = re.compile(
    rb"<\?xml[^>]*\?>\s*<(?:[\w.-]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE
)  # after a warning that a program printed
_JSON_FEED = re.compile(
    rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version'
)
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_MAX_ENCODINGS = 3
_STREAMS: dict[str, type[BrotliReader | ZstdReader]] = {"br": BrotliReader, "zstd": ZstdReader}


def is_document(content_type: str) -> bool:
    """Return whether a Content-Type header states a PDF or Word file, or any file."""
    return bool(re.search("pdf|wordprocessingml|msword|octet-stream", content_type.lower()))


class BodyError(Exception):
    """A body that cannot be decoded: the message is the reason, as a sentence."""

    def __init__(self, outcome: str, reason: str = "") -> None:
        super().__init__(reason)
        self.outcome = outcome  # value of an Outcome


_TOO_BIG = "too_big", f"The decompressed body has more than {MAX_DECODED_BYTES:,} bytes."
_CUT_OFF = "truncated", "The compressed body is incomplete."


def is_gzip(body: bytes) -> bool:
    """Return whether a body begins with the signature of a gzip file."""
    return body[:3] == b"\x1f\x8b\x08"


def inflate(body: bytes, encoding: str = "gzip") -> bytes:
    """Return the decompressed body. Bytes after the last gzip member are ignored, as gzip(1) does.
    Raises BodyError.
    """
    # RFC 9110 8.4.1.2: some servers omit the zlib wrapper
    for bits in (_ZLIB, _RAW) if encoding == "deflate" else (_GZIP,):
        with suppress(zlib.error):
            return _inflate(body, bits)
    raise BodyError("protocol_error", "The body has another encoding than the server states.")


def _inflate(body: bytes, bits: int) -> bytes:
    """Return the decompressed body. A decompression bomb uses at most a megabyte more memory than
    the limit.
    """
    pieces: list[bytes] = []
    count = member_count = start = place = 0
    stream = zlib.decompressobj(bits)
    while place < len(body):
        data = body[place : place + _SLICE]
        try:
            pieces.append(stream.decompress(data))
        except zlib.error:
            if place == start > 0:
                break  # these bytes follow the last member
            raise
        count += len(pieces[-1])
        if count > MAX_DECODED_BYTES:
            raise BodyError(*_TOO_BIG)
        place += len(data) - len(stream.unused_data)
        if stream.eof:
            start, member_count = place, member_count + 1
            if bits != _GZIP:
                break
            if member_count > MAX_MEMBERS:
                raise BodyError("too_big", "The body has more than 1,000 gzip members.")
            stream = zlib.decompressobj(bits)
    if place > start:
        raise BodyError(*_CUT_OFF)
    return b"".join(pieces)


def detect_format(body: bytes) -> str:
    """Return the format of a body: feed, json_feed, sitemap, html, xml, json, cut (it ends in its
    first tag), binary or text.
    """
    head = _as_ascii(body[:16_384])
    rest = _PROLOG.sub(b"", head, count=1)
    if rest.startswith((b"{", b"[")):
        return "json_feed" if _JSON_FEED.search(body) else "json"
    if root := _ROOT.match(rest):
        return _format_of_root(root, head, is_whole=len(head) >= len(body))
    if re.search(rb"<html|<!doctype html", head[:4096], re.IGNORECASE):
        return "html"
    if b"<rss" in head or b"<feed" in head:  # the reader ignores text before the root
        return "feed"
    return "binary" if b"\0" in head[:1024] else "text"


def _format_of_root(root: re.Match[bytes], head: bytes, *, is_whole: bool) -> str:
    name = root[1].lower()
    kind = _ROOT_KINDS.get(name, "xml")
    if kind in {"feed", "sitemap"} and is_whole and not root[2]:
        return "cut"
    return "feed" if name in _FRAGMENTS and _FEED_LATER.search(head) else kind


def _as_ascii(head: bytes) -> bytes:
    if head[:3] == b"\xef\xbb\xbf":
        return head[3:]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] in (b"<\0?\0", b"\0<\0?"):
        return head.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return head


def decode_transfer(
    body: bytes, transfer_encoding: str | None, content_encoding: str | None
) -> bytes:
    """Return the body without its transfer and content encodings: chunked, gzip, deflate, br, zstd.

    Many programs that write WARC files decode the body and keep the headers, so a body without the
    signature of its encoding is unchanged. Raises BodyError.
    """
    if "chunked" in (transfer_encoding or "").lower() and _CHUNK_SIZE.match(body):
        body = _read(ChunkedReader(io.BytesIO(body)))
    encodings = [*map(str.strip, (content_encoding or "").lower().split(","))]
    if len(encodings) > _MAX_ENCODINGS:
        raise BodyError("protocol_error", f"The body has {len(encodings)} encodings.")
    for encoding in reversed(encodings):
        if _is_decoded(body, encoding):
            continue
        if encoding in _STREAMS:
            body = _read(_STREAMS[encoding](io.BytesIO(body)))
        elif encoding in ACCEPTED:
            body = inflate(body, encoding)
        else:
            raise BodyError("protocol_error", "The body has an unknown encoding.")
    return body


def _is_decoded(body: bytes, encoding: str) -> bool:
    if not body or encoding in {"", "identity"}:
        return True
    if encoding.endswith("gzip"):
        return not is_gzip(body)
    return detect_format(body) in {"html", "feed", "xml", "sitemap"} or body.startswith(
        (b"%PDF-", b"PK\x03\x04")
    )


def _read(reader: WarcReader) -> bytes:
    try:
        body = reader.read(MAX_DECODED_BYTES + 1)
    except OSError as error:
        if re.search("unexpected end|incomplete frame", str(error)):
            raise BodyError(*_CUT_OFF) from error
        raise BodyError("protocol_error", str(error)) from error
    if len(body) > MAX_DECODED_BYTES:
        raise BodyError(*_TOO_BIG)
    return body
