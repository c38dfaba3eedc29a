"""Factories for rows with default values; a test passes only the values that it checks."""

import datetime as dt
import itertools
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tidings.base.records import Capture, Extraction, Feed, FeedEntry
from tidings.storage.lake import transaction
from tidings.storage.load import merge

NOW = dt.datetime(2026, 6, 1, 22, tzinfo=dt.UTC)


def store(con: Any, *rows: Any) -> None:
    """Write rows of any tables in one transaction."""
    with transaction(con):
        for _, alike in itertools.groupby(rows, type):
            merge(con, list(alike))


def feed(feed_id: str = "a", **changes: Any) -> Any:
    values: dict[str, Any] = {
        "feed_id": feed_id,
        "publisher_id": "example.org",
        "url": f"http://example.org/{feed_id}.xml",
        "kind": "feed",
        "language": None,
        "topics": [],
        "is_enabled": True,
        "has_full_text": False,
        "ignores_robots": False,
        "item_selector": None,
        "next_selector": None,
        "day_url": None,
    }
    return Feed(**{**values, **changes})


def capture(url: str, **changes: Any) -> Any:
    at = changes.get("fetched_at", NOW)
    values = {
        "capture_id": uuid5(NAMESPACE_URL, f"{at.isoformat()} {url}"),
        "url": url,
        "final_url": url,
        "kind": "page",
        "feed_id": "a",
        "publisher_id": "example.org",
        "fetched_at": at,
        "outcome": "ok",
        "reason": None,
        "status": 200,
        "content_type": "text/html",
        "digest": f"sha1:{url}",
        "byte_count": 10,
        "warc_file": "2026/06/x-000.warc.gz",
        "warc_offset": 0,
        "warc_length": 10,
        "is_revisit": False,
        "origin": "live",
        "covers_from": None,
        "covers_until": None,
    }
    return Capture(**{**values, **changes})


def entry(link: str, **changes: Any) -> Any:
    values = {
        "entry_id": uuid5(NAMESPACE_URL, f"a {link}"),
        "revision_hash": "r1",
        "feed_id": "a",
        "capture_id": uuid5(NAMESPACE_URL, "feed"),
        "guid": link,
        "url": link,
        "link_raw": link,
        "title": "A title",
        "summary": None,
        "authors": [],
        "categories": [],
        "language": None,
        "published_raw": None,
        "published_at": NOW,
        "updated_at": None,
        "date_quality": "feed",
        "first_seen_at": NOW,
    }
    return FeedEntry(**{**values, **changes})


def extraction(capture_id: Any, url: str, **changes: Any) -> Any:
    values = {
        "capture_id": capture_id,
        "url": url,
        "article_id": uuid5(NAMESPACE_URL, url),
        "outcome": "ok",
        "reason": None,
        "rules_version": "v",
        "extracted_at": NOW,
    }
    return Extraction(**{**values, **changes})
