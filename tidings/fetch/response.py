"""Responses and their outcomes: expected failures are values, not exceptions."""

import datetime as dt
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from tidings.fetch.response_body import detect_format
from tidings.fetch.rights import Statement
from tidings.fetch.sources import KINDS

_WIRE_HEADERS = {b"content-encoding", b"transfer-encoding", b"content-length"}
_MAX_VALIDATOR_CHARS = 1024
REDIRECTS = {301, 302, 303, 307, 308}
NO_TARGET = "A redirect names no URL."
_SENTENCES = {
    204: "The server sent no body (204).",
    206: "The server sent only a part of the document, which was not requested (206).",
    401: "The server requires a login (401).",
    403: "The server refuses this URL (403).",
    404: "The server has no document at this URL (404).",
    304: "The server reports no change (304), but the request named no earlier copy.",
    410: "The server removed this URL permanently (410).",
    429: "The server requires a pause (429).",
    503: "The server requires a pause (503).",
    451: "The server withholds this document for legal reasons (451).",
} | dict.fromkeys(REDIRECTS, NO_TARGET)
_CHALLENGE_HEADERS = {"cf-mitigated": "challenge", "x-amzn-waf-action": "", "x-sucuri-block": ""}
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_CHALLENGE_TITLE = re.compile(
    rb"\s*(?:just a moment\b|attention required! \| cloudflare|one moment, please|ddos-guard|"
    rb"checking your browser|please wait\.{3}|access to this page has been denied|robot check|"
    rb"pardon our interruption|are you a robot\?|verifying you are human|human verification|"
    rb"security check(?:\s|$)|captcha|client challenge|making sure you[^<]{1,8}re not a bot)",
    re.IGNORECASE,
)
# in challenge pages of Imperva, Cloudflare, DataDome, Knownsec, Aliyun, AWS, Anubis and others
_CHALLENGE_MARKS = (
    b"/_Incapsula_Resource?", b"_cf_chl_opt", b'id="cf-challenge', b"captcha-delivery.com/",
    b"__jsl", b"acw_sc__v2", b"window['$_ts']", b"awsWafCookieDomainList", b"px-captcha",
    b"/.within.website/x/cmd/anubis", b"sucuri_cloudproxy_js",
)  # fmt: skip
_FORMATS = {
    "html": "a web page", "json": "JSON that is not a JSON Feed", "xml": "XML in another format",
    "text": "plain text", "binary": "a binary file", "sitemap": "a sitemap", "feed": "a feed",
    "json_feed": "a JSON Feed",
}  # fmt: skip


class Outcome(StrEnum):
    """The names in ``raw.captures.outcome`` and ``raw.feed_states.outcome``."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    NOT_FEED = "not_feed"  # a response in another format than expected
    NO_ITEMS = "no_items"  # a listing whose selector matches nothing, or only old items
    CHALLENGE = "challenge"  # a page that requires a person or a browser
    EMPTY = "empty"
    GONE = "gone"
    THROTTLED = "throttled"
    HTTP_ERROR = "http_error"
    REDIRECT_ERROR = "redirect_error"
    BLOCKED = "blocked"  # by Tidings: the URL must not be requested
    RESERVED = "reserved"  # by Tidings: the publisher reserves text and data mining
    ROBOTS_DENIED = "robots_denied"
    TOO_BIG = "too_big"
    TRUNCATED = "truncated"
    PROTOCOL_ERROR = "protocol_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    DNS_ERROR = "dns_error"
    TIMEOUT = "timeout"
    DEFERRED = "deferred"  # by Tidings: the source or host has used up its time in this run


UNREACHABLE = {
    Outcome.DNS_ERROR, Outcome.CONNECT_ERROR, Outcome.TLS_ERROR, Outcome.TIMEOUT, Outcome.BLOCKED
}  # fmt: skip


class Response(NamedTuple):
    """The response to a request for one URL, or the reason why there is none.

    ``reason`` is a sentence, or None if the outcome is ok. ``status`` and ``final_url`` are None
    without a response, and ``was_sent`` is False without a request. ``body`` is decoded.
    ``retry_after_seconds`` counts from ``fetched_at`` (UTC). ``is_permanent_move``: there were
    redirects, all 301 or 308.
    """

    url: str
    outcome: Outcome
    fetched_at: dt.datetime
    reason: str | None = None
    final_url: str | None = None
    status: int | None = None
    phrase: str = ""
    content_type: str | None = None
    body: bytes = b""
    etag: str | None = None
    last_modified: str | None = None
    retry_after_seconds: int | None = None
    is_permanent_move: bool = False
    was_sent: bool = True
    headers: Mapping[str, str] = MappingProxyType({})
    raw_headers: tuple[tuple[bytes, bytes], ...] = ()
    rights: tuple[Statement, ...] = ()

    @property
    def page_url(self) -> str:
        """The URL of the body: after redirects, or as requested if there is no response."""
        return self.final_url or self.url

    @property
    def byte_count(self) -> int:
        """The length of the decoded body."""
        return len(self.body)

    @property
    def is_ok(self) -> bool:
        """True if the outcome is ok."""
        return self.outcome is Outcome.OK

    def archive_head(self) -> bytes:
        """Return the HTTP head to be archived before the decoded body, in its original order and
        spelling. Headers of the encoded body get the prefix ``X-Crawl-``, as in Common Crawl's
        files.
        """
        lines = [f"HTTP/1.1 {self.status} {self.phrase}".encode("latin-1", "replace")]
        for name, value in self.raw_headers:
            prefix = b"X-Crawl-" if name.lower() in _WIRE_HEADERS else b""
            lines.append(prefix + name + b": " + value)
        lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n"


def readable(text: str | None) -> str | None:
    """Return a header as storable text. Bytes that are invalid in UTF-8 are read as Latin-1 (RFC
    2616, 2.2).
    """
    if text is None or text.isascii():
        return text
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_validator(text: str | None) -> str | None:
    """Return a validator that can be sent back unchanged, else None."""
    if not text or len(text) > _MAX_VALIDATOR_CHARS:
        return None
    return text if text == text.encode("utf-8", "ignore").decode() else None


Classification = tuple[Outcome, str | None]
_EXPECTED = {name: kind.formats for name, kind in KINDS.items()}

_OUTCOMES = dict.fromkeys(REDIRECTS, Outcome.REDIRECT_ERROR)
_OUTCOMES |= {410: Outcome.GONE, 429: Outcome.THROTTLED, 503: Outcome.THROTTLED}
_CHALLENGE: Classification = (Outcome.CHALLENGE, "The server requires a browser or a person first.")


def classify_response(
    status: int, headers: Mapping[str, str], body: bytes, expect: str, *, is_conditional: bool
) -> Classification:
    """Return the outcome of a complete response, and the reason. ``is_conditional``: the request
    had validators, so a 304 is expected.
    """
    if status == 304 and is_conditional:
        return Outcome.NOT_MODIFIED, None
    for name, value in _CHALLENGE_HEADERS.items():
        if name in headers and value in headers[name].lower():
            return _CHALLENGE
    if status in (200, 203):
        return _classify_body(body, expect)
    if _shows_challenge(body):
        return _CHALLENGE
    usual = f"The server responded with status {status}."
    if status >= 500:
        usual = f"The server reports an internal error ({status})."
    return _OUTCOMES.get(status, Outcome.HTTP_ERROR), _SENTENCES.get(status, usual)


def _classify_body(body: bytes, expect: str) -> Classification:
    if not body.strip():
        return Outcome.EMPTY, "The server sent an empty body."
    formats = _EXPECTED.get(expect)
    kind = detect_format(body) if formats else ""
    if formats and kind in formats:
        return Outcome.OK, None
    if _shows_challenge(body):
        return _CHALLENGE
    if not formats:
        return Outcome.OK, None
    if kind == "cut":
        return Outcome.TRUNCATED, "The document ends inside its first tag."
    name = _FORMATS.get(kind, "another format")
    return Outcome.NOT_FEED, f"The server sent {name}, not a {expect}."


def _shows_challenge(body: bytes) -> bool:
    head = body[:32_768].removeprefix(b"\xef\xbb\xbf")
    if head.lstrip()[:1] != b"<":
        return False
    title = _TITLE.search(head)
    # A long page with this title is an article, for example about captchas.
    if title and _CHALLENGE_TITLE.match(title[1]) and len(body) < 60_000:
        return True
    return len(body) < 20_000 and any(mark in head for mark in _CHALLENGE_MARKS)


def read_retry_after(text: str | None, now: dt.datetime) -> int | None:
    """Return the seconds in a Retry-After header (a number or a date), or None if it is missing,
    invalid or in the past.
    """
    if not text:
        return None
    if number := re.fullmatch(r"\s*([0-9]{1,12})[0-9]*\s*", text):
        return min(int(number[1]), 10**9)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    seconds = int((moment - now).total_seconds())
    return seconds if seconds > 0 else None
