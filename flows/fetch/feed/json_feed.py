"""JSON Feed 1.0 and 1.1: https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from tidings.flows.fetch.feed.entry import make_entry
from tidings.flows.fetch.feed.parsed import MAX_ENTRIES, MAX_TITLE_CHARS, ParsedEntry, ParsedFeed, Unreadable
from tidings.flows.fetch.feed.text import plain_text

if TYPE_CHECKING:
    import datetime as dt


def read_json_feed(text: str, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return what a JSON Feed says, or why it is none."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Unreadable("It begins like JSON and cannot be read as such.")
    if not isinstance(document, dict) or "jsonfeed.org/version" not in str(document.get("version")):
        return Unreadable("It is JSON, but no JSON Feed.")
    items = [item for item in _list(document.get("items")) if isinstance(item, dict)]
    language = _text(document.get("language"))
    hubs = [hub for hub in _list(document.get("hubs")) if isinstance(hub, dict)]
    return ParsedFeed(
        title=plain_text(_text(document.get("title")), MAX_TITLE_CHARS),
        language=language,
        entries=[_read_item(item, language, url, zone, now) for item in items[:MAX_ENTRIES]],
        entry_count=len(items),
        kind="json_feed",
        self_link=_text(document.get("feed_url")),
        hub_link=_text(hubs[0].get("url")) if hubs else None,
        next_link=_text(document.get("next_url")),
    )


def _read_item(item: dict[str, Any], language: str | None, url: str, zone: str, now: dt.datetime) -> ParsedEntry:
    authors = _list(item.get("authors")) or [item.get("author")]
    text = _text(item.get("content_text"))
    markup = _text(item.get("content_html")) or (f"<p>{html.escape(text)}</p>" if text else None)
    summary = _text(item.get("summary"))
    return make_entry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=html.escape(_text(item.get("title")) or ""),
        summary=html.escape(summary) if summary else markup,
        content_html=markup,
        authors=[_text(author.get("name")) for author in authors if isinstance(author, dict)],
        categories=[_text(tag) for tag in _list(item.get("tags"))],
        language=_text(item.get("language")) or language,
        published_raw=_text(item.get("date_published")),
        updated_raw=_text(item.get("date_modified")),
        base=url,
        zone=zone,
        now=now,
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, str | int | float) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
