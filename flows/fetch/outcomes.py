"""What can come of a request, by name, and the answer that carries it. Outcomes are values, never exceptions."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


class Outcome(StrEnum):
    """The names that ``raw.captures.outcome`` and ``raw.feed_states.outcome`` hold."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    NOT_FEED = "not_feed"  # an answer, but not of the kind that was expected
    CHALLENGE = "challenge"  # a page that wants a person or a browser
    EMPTY = "empty"
    GONE = "gone"
    THROTTLED = "throttled"
    HTTP_ERROR = "http_error"
    REDIRECT_ERROR = "redirect_error"
    BLOCKED = "blocked"  # by us: an address that must not be asked
    ROBOTS_DENIED = "robots_denied"
    TOO_BIG = "too_big"
    TRUNCATED = "truncated"
    PROTOCOL_ERROR = "protocol_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    DNS_ERROR = "dns_error"
    TIMEOUT = "timeout"
    DEFERRED = "deferred"  # by Tidings: its source or host has used up its time in this run


class Answer(NamedTuple):
    """What came of fetching one address: a tuple, which is made in a tenth of a frozen dataclass's time.

    ``reason`` is a sentence for a person, None when all went well. ``status`` and ``final_url`` are None when no answer came.
    ``body`` is decoded; ``byte_count`` is its length and ``wire_count`` that of what was sent. ``etag`` and ``last_modified``
    are the validators of this very answer, to be echoed as they are. ``retry_after_seconds`` counts from ``fetched_at`` (UTC).
    ``is_permanent_move``: there were redirects and every one was 301 or 308. ``was_sent`` is False when the answer was known
    without asking: a pause of the whole host, a challenge earlier in the night, robots, a blocked address, a used-up budget.
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
    wire_count: int = 0
    etag: str | None = None
    last_modified: str | None = None
    retry_after_seconds: int | None = None
    is_permanent_move: bool = False
    was_sent: bool = True
    headers: Mapping[str, str] = MappingProxyType({})
    raw_headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def byte_count(self) -> int:
        """The length of the decoded body."""
        return len(self.body)

    @property
    def is_ok(self) -> bool:
        """Whether a body came that can be read."""
        return self.outcome is Outcome.OK

    def archive_head(self) -> bytes:
        """Return the HTTP head to be archived before the decoded body: as it came, in its order and spelling.

        The headers that described the body on the wire are kept under an ``X-Crawl-`` name, as Common Crawl does, because
        the body beside them is decoded; a true Content-Length is added.
        """
        lines = [f"HTTP/1.1 {self.status} {self.phrase}".encode("latin-1", "replace")]
        for name, value in self.raw_headers:
            prefix = b"X-Crawl-" if name.lower() in _WIRE_HEADERS else b""
            lines.append(prefix + name + b": " + value)
        lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n"


_WIRE_HEADERS = {b"content-encoding", b"transfer-encoding", b"content-length"}
