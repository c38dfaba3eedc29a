"""What is to land: a capture before its bytes have a place in the archive, and those bytes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tidings.flows.identity import capture_key
from tidings.warehouse.archive import digest_of
from tidings.warehouse.records import Capture

if TYPE_CHECKING:
    import datetime as dt

    from tidings.flows.fetch.outcomes import Answer

MOST_HELD = 32_000_000  # bytes of bodies that wait to be landed, whatever their number


@dataclasses.dataclass(frozen=True, slots=True)
class Landing:
    """A capture before its bytes have a place, and those bytes; an empty body is not archived."""

    capture: Capture
    head: bytes
    body: bytes


def landing_of(
    answer: Answer,
    *,
    kind: str,
    feed_id: str | None,
    publisher_id: str | None,
    covers_from: dt.datetime | None = None,
    covers_until: dt.datetime | None = None,
) -> Landing:
    """Return what an answer lands as. Only good bodies are kept: an error's page is told by its status alone."""
    body = answer.body if answer.is_ok else b""
    capture = Capture(
        capture_id=capture_key(answer.url, answer.fetched_at),
        url=answer.url,
        final_url=answer.final_url,
        kind=kind,
        feed_id=feed_id,
        publisher_id=publisher_id,
        fetched_at=answer.fetched_at,
        outcome=str(answer.outcome),
        reason=answer.reason,
        status=answer.status,
        content_type=answer.content_type,
        digest=digest_of(body) if body else None,
        byte_count=answer.byte_count,
        warc_file=None,
        warc_offset=None,
        warc_length=None,
        is_revisit=False,
        origin="live",
        covers_from=covers_from,
        covers_until=covers_until,
    )
    return Landing(capture, answer.archive_head() if body else b"", body)
