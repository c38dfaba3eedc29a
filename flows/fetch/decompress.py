"""What a body is: opened with limits while it arrives, and named by its first bytes."""

from __future__ import annotations

import re
import zlib

MAX_WIRE_BYTES = 5_000_000
MAX_DECODED_BYTES = 20_000_000
MAX_MEMBERS = 1_000  # of a gzip body: blocked gzip has 320 of them in 20 MB
_STEP = 262_144
_SLICE = 65_536  # what is given to zlib at once: it copies what follows a member's end
_GZIP = 31  # zlib's window bits for a gzip member
_ZLIB = 15
_RAW = -15
ACCEPTED = frozenset({"gzip", "x-gzip", "deflate"})


class TooBigError(Exception):
    """The body is longer than the limit."""


class CutOffError(Exception):
    """The compressed body ends before its end."""


class TooManyMembersError(Exception):
    """The compressed body has more members than any that means well."""


class Inflater:
    """Opens gzip and deflate piece by piece, so that a bomb never holds more than one step beyond the limit.

    ``feed`` raises zlib.error when the bytes are no such thing, TooBigError beyond ``limit`` and TooManyMembersError beyond
    1,000 gzip members; ``finish`` raises CutOffError when the end is missing. Bytes after the last gzip member are dropped,
    as gzip(1) does.
    """

    def __init__(self, encoding: str, limit: int = MAX_DECODED_BYTES) -> None:
        self._bits = _ZLIB if encoding == "deflate" else _GZIP
        self._stream = zlib.decompressobj(self._bits)
        self._limit = limit
        self._count = 0
        self._has_begun = False
        self._member_count = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the pieces that ``data`` opens to."""
        return [piece for start in range(0, len(data), _SLICE) for piece in self._feed(data[start : start + _SLICE])]

    def _feed(self, data: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        piece = b""
        while data or len(piece) == _STEP:
            try:
                piece = self._stream.decompress(data, _STEP)
            except zlib.error:
                if self._member_count and self._bits == _GZIP and not self._has_begun:
                    return pieces
                if self._has_begun or self._bits != _ZLIB:
                    raise
                self._bits = _RAW  # RFC 9110 8.4.1.2: some send deflate without its zlib wrapper
                self._stream = zlib.decompressobj(_RAW)
                continue
            self._has_begun = True
            self._count += len(piece)
            if self._count > self._limit:
                raise TooBigError
            if piece:
                pieces.append(piece)
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                self._member_count += 1
                if self._member_count > MAX_MEMBERS:
                    raise TooManyMembersError
                data, piece = b"", b""
                if self._bits == _GZIP:
                    data = self._stream.unused_data
                    self._stream = zlib.decompressobj(_GZIP)
                    self._has_begun = False
        return pieces

    def finish(self) -> None:
        """Raise CutOffError unless the last member came to its end."""
        if self._has_begun and not self._stream.eof:
            raise CutOffError


def is_gzip(body: bytes) -> bool:
    """Return whether a body is a gzip file by its first bytes."""
    return body[:3] == b"\x1f\x8b\x08"


def open_gzip(body: bytes, limit: int = MAX_DECODED_BYTES) -> bytes:
    """Return what a gzip file holds; raises as Inflater does."""
    inflater = Inflater("gzip", limit)
    pieces = inflater.feed(body)
    inflater.finish()
    return b"".join(pieces)


_PROLOG = re.compile(
    rb"(?:\s+|<\?[^>]*\?>|<!--(?:(?!-->).){0,4000}-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)([\s/>][^<]*?>|>)?")
_FEED_ROOTS = {b"rss", b"feed", b"rdf", b"channel"}
_HTML_ROOTS = {b"html", b"head", b"body", b"title", b"meta"}
_FRAGMENTS = {b"script", b"div", b"p", b"br", b"b", b"style", b"center", b"font"}
_FEED_LATER = re.compile(rb"<\?xml[^>]*\?>\s*<(?:[\w.-]+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)  # after a program's warning
_SITEMAP_ROOTS = {b"urlset", b"sitemapindex"}
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version')


def name_body(body: bytes) -> str:
    """Return what a body is: feed, json_feed, sitemap, html, xml, json, cut (ends inside its first tag), binary or text."""
    head = _as_ascii(body[:16_384])
    start = _PROLOG.match(head)
    rest = head[start.end() if start else 0 :]
    if rest[:1] in (b"{", b"["):
        return "json_feed" if _JSON_FEED.search(body) else "json"
    root = _ROOT.match(rest)
    if root:
        return _name_root(root, head, is_whole=len(head) >= len(body))
    if b"<html" in head[:4096].lower() or b"<!doctype html" in head[:4096].lower():
        return "html"
    if b"<rss" in head or b"<feed" in head:
        return "feed"  # noise before the root: the reader drops it
    return "binary" if b"\0" in head[:1024] else "text"


def _name_root(root: re.Match[bytes], head: bytes, *, is_whole: bool) -> str:
    name = root[1].lower()
    if name in _FEED_ROOTS or name in _SITEMAP_ROOTS:
        kind = "feed" if name in _FEED_ROOTS else "sitemap"
        return kind if root[2] or not is_whole else "cut"
    if name in _FRAGMENTS and _FEED_LATER.search(head):
        return "feed"
    return "html" if name in _FRAGMENTS or name in _HTML_ROOTS else "xml"


def _as_ascii(head: bytes) -> bytes:
    if head[:3] == b"\xef\xbb\xbf":
        return head[3:]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] in (b"<\0?\0", b"\0<\0?"):
        return head.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return head
