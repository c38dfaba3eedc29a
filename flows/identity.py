"""Keys that a later run makes again from the same facts: UUIDv5 over what names a thing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

if TYPE_CHECKING:
    import datetime as dt


def article_key(canonical_url: str) -> UUID:
    """Return an article's id: the UUIDv5 of its canonical address (RFC 9562, name space URL)."""
    return uuid5(NAMESPACE_URL, canonical_url)


def capture_key(url: str, fetched_at: dt.datetime) -> UUID:
    """Return a capture's id: the UUIDv5 of the requested address and the instant of the request."""
    return uuid5(NAMESPACE_URL, f"{fetched_at.isoformat()} {url}")


@lru_cache(maxsize=4096)  # a poll asks for a feed's keys twice: to compare with the poll before, and to store
def entry_key(feed_id: str, url: str | None, guid: str | None, title: str | None, published_raw: str | None) -> UUID:
    """Return an entry's id: of its feed and link; without a link the guid; without either the title and date.

    Two links under one guid are two entries, and one link under changing guids is one.
    """
    name = url or guid or f"{title or ''}\n{published_raw or ''}"
    return uuid5(NAMESPACE_URL, f"{feed_id} {name}")
