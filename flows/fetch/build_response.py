"""The answer at the end of a trail: what its last exchange comes to, with all that a caller may want to know of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tidings.flows.fetch.classify_response import judge, read_retry_after
from tidings.flows.fetch.outcomes import Answer, Outcome
from tidings.flows.fetch.request import readable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from tidings.flows.fetch.redirects import Trail
    from tidings.flows.fetch.request import Exchange

_MAX_VALIDATOR_CHARS = 1024


def conclude(url: str, trail: Trail, found: Exchange, *, expect: str, sent: Mapping[str, str], now: dt.datetime) -> Answer:
    """Return what came of fetching ``url``, whose redirects are ``trail`` and whose last exchange is ``found``.

    ``sent`` are the headers of the request: only with validators among them is a 304 an answer. ``now`` is when it was sent.
    """
    if found.failure is not None or found.status is None:
        outcome, reason = found.failure or Outcome.CONNECT_ERROR, found.reason
    else:
        is_conditional = "If-None-Match" in sent or "If-Modified-Since" in sent
        outcome, reason = judge(found.status, found.headers, found.body, expect, is_conditional=is_conditional)
    headers = found.headers
    return Answer(
        url,
        outcome,
        now,
        readable(reason),
        trail.url if found.status is not None else None,
        found.status,
        found.phrase,
        found.header("Content-Type"),
        found.body,
        found.wire_count,
        _validator(headers.get("ETag")),
        _validator(headers.get("Last-Modified")),
        read_retry_after(headers.get("Retry-After"), now),
        trail.hop_count > 0 and trail.is_permanent,
        headers=headers,
        raw_headers=found.raw_headers,
    )


def _validator(text: str | None) -> str | None:
    """Return a validator that can be echoed byte for byte, else None."""
    if not text or len(text) > _MAX_VALIDATOR_CHARS:
        return None
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError):
        text.encode("utf-8")
        return text
    return None
