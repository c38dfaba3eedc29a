"""Factories for rows with default values; a test passes only the values that it checks."""

import datetime as dt
import itertools
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tidings.base.records import Article, Capture, Extraction, Feed, FeedEntry
from tidings.storage.archive import read_body
from tidings.storage.lake import Lake, transaction
from tidings.storage.load import merge

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


def store(con: Any, *rows: Any) -> None:
    """Write rows of any tables in one transaction."""
    with transaction(con):
        for _, alike in itertools.groupby(rows, type):
            merge(con, list(alike))


def row_of(record: Any, **values: Any) -> Any:
    """Return a record with these values; the others are null."""
    return record(**dict.fromkeys(record.__slots__) | values)


def feed(feed_id: str = "a", **changes: Any) -> Any:
    values: dict[str, Any] = {"feed_id": feed_id, "publisher_id": "example.org", "kind": "feed"}
    values |= {"url": f"http://example.org/{feed_id}.xml", "topics": [], "is_enabled": True}
    return row_of(Feed, **values | {"has_full_text": False, "ignores_robots": False} | changes)


def capture(url: str, **changes: Any) -> Any:
    at = changes.get("fetched_at", NOW)
    capture_id = uuid5(NAMESPACE_URL, f"{at.isoformat()} {url}")
    values = {"capture_id": capture_id, "url": url, "final_url": url, "kind": "page"}
    values |= {"feed_id": "a", "publisher_id": "example.org", "fetched_at": at, "outcome": "ok"}
    values |= {"status": 200, "content_type": "text/html", "digest": f"sha1:{url}"}
    values |= {"warc_file": "2026/06/x-000.warc.gz", "warc_offset": 0, "warc_length": 10}
    values |= {"byte_count": 10, "is_revisit": False, "origin": "live"}
    return row_of(Capture, **values | changes)


def failed(url: str, **changes: Any) -> Any:
    """Return the capture of a request without a response."""
    return capture(url, **{"outcome": "timeout", "warc_file": None} | changes)


def entry(link: str, **changes: Any) -> Any:
    values = {"entry_id": uuid5(NAMESPACE_URL, f"a {link}"), "revision_hash": "r1", "feed_id": "a"}
    values |= {"capture_id": uuid5(NAMESPACE_URL, "feed"), "title": "A title"}
    values |= {"guid": link, "url": link, "link_raw": link, "authors": [], "categories": []}
    values |= {"published_at": NOW, "date_quality": "feed", "first_seen_at": NOW}
    return row_of(FeedEntry, **values | changes)


def extraction(capture_id: Any, url: str, **changes: Any) -> Any:
    values = {"capture_id": capture_id, "url": url, "article_id": uuid5(NAMESPACE_URL, url)}
    values |= {"outcome": "ok", "rules_version": "v", "extracted_at": NOW}
    return row_of(Extraction, **values | changes)


def article(url: str, **changes: Any) -> Any:
    values = {"article_id": uuid5(NAMESPACE_URL, url), "publisher_id": "example.org", "url": url}
    values |= {"title": "A title", "authors": [], "agencies": [], "signature": []}
    values |= {"date_quality": "exact", "word_count": 9, "content_hash": "h", "body_text": ""}
    values |= {"first_seen_at": NOW, "extractor": "x", "is_truncated": False}
    return row_of(Article, **values | {"capture_id": uuid5(NAMESPACE_URL, "c")} | changes)


def body_of(lake: Lake, row: Any) -> bytes:
    """Return the archived body of a capture."""
    return read_body(lake.raw, row.warc_file, row.warc_offset, row.warc_length)
