"""Read a feed of any format: the fast reader for valid RSS 2.0 and Atom, feedparser for other XML,
and JSON Feed.
"""

from __future__ import annotations

import html
import io
import json
from typing import TYPE_CHECKING, Any

import feedparser
import feedparser.datetimes

from tidings.fetch.feed.entry import (
    MAX_ENTRIES,
    MAX_TITLE_CHARS,
    ParsedEntry,
    ParsedFeed,
    RawEntry,
    RawFeed,
    Unreadable,
    make_entry,
)
from tidings.fetch.feed.fast_reader import read_fast
from tidings.fetch.feed.prepare import Prepared, decode_feed, prepare_xml
from tidings.fetch.feed.text import plain_text, storable

if TYPE_CHECKING:
    import datetime as dt


_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PERIOD_SECONDS = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}


def read_feed(
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
) -> ParsedFeed | Unreadable:
    """Return the feed in a response body, or the reason why it cannot be read.

    ``url`` is the final URL, against which links are resolved. ``zone`` is the publisher's IANA
    zone, and ``now`` the time (UTC) at which the entries were first seen. This function has no time
    limit; FeedReader enforces one.
    """
    text, encoding_problem = decode_feed(body, content_type)
    start = text.lstrip("\ufeff \t\r\n\0")
    if start[:1] in ("{", "["):
        return read_json_feed(start, url, zone, now)
    prepared = prepare_xml(text)
    if prepared is None:
        return Unreadable("The document contains no root element of a feed.")
    try:
        raw = read_fast(prepared.text) or read_with_feedparser(prepared.text)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        AssertionError,
    ) as error:  # bugs of the parser raise these
        return Unreadable(f"The parser failed: {type(error).__name__}: {error}"[:300] + ".")
    problem = encoding_problem or prepared.problem or raw.problem
    if not raw.entries and not raw.title and problem:
        return Unreadable(f"The feed is too damaged to be read. {problem}")
    return _make_feed(raw, prepared, problem, url=url, zone=zone, now=now)


def read_with_feedparser(text: str) -> RawFeed:
    """Return a feed of any XML format, read by feedparser, also if it is not well-formed."""
    result = _parse_without_dates(text)
    head = result.feed
    links = dict.get(head, "links") or []
    return RawFeed(
        kind=result.version or "unknown",
        title=dict.get(head, "title"),
        language=dict.get(head, "language"),
        ttl=dict.get(head, "ttl"),
        period=dict.get(head, "sy_updateperiod"),
        frequency=dict.get(head, "sy_updatefrequency"),
        links={
            link["rel"]: link["href"]
            for link in reversed(links)
            if link.get("rel") and link.get("href")
        },
        entries=[_read_entry(entry) for entry in result.entries],
        problem=f"The feed is not well-formed: {result.get('bozo_exception')}"[:300]
        if result.bozo
        else None,
    )


def _parse_without_dates(text: str) -> Any:
    """Return feedparser's result. Its date parsing is switched off, because ``dates`` parses the
    dates.
    """
    handlers = feedparser.datetimes._date_handlers  # noqa: SLF001 - feedparser has no other switch; date parsing takes a sixth of its time
    saved = handlers[:]
    handlers.clear()
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    finally:
        handlers[:] = saved


def _read_entry(entry: Any) -> RawEntry:
    get = dict.get  # the mapping's own get substitutes one date for another
    summary = get(entry, "summary")
    contents = get(entry, "content") or []
    fullest = max((part.get("value") or "" for part in contents), key=len, default="") or summary
    language = next((part.get("language") for part in contents if part.get("language")), None)
    return RawEntry(
        guid=get(entry, "id"),
        link=get(entry, "feedburner_origlink") or get(entry, "link"),
        title=get(entry, "title"),
        summary=summary or fullest,
        content_html=fullest,
        authors=[author.get("name") for author in get(entry, "authors") or []]
        or [get(entry, "author")],
        categories=[tag.get("label") or tag.get("term") for tag in get(entry, "tags") or []],
        language=get(entry, "language") or language,
        published_raw=get(entry, "published") or get(entry, "created"),
        updated_raw=get(entry, "updated"),
    )


def _make_feed(
    raw: RawFeed, prepared: Prepared, problem: str | None, *, url: str, zone: str, now: dt.datetime
) -> ParsedFeed:
    language = storable(raw.language, 35)
    for entry in raw.entries:
        entry.language = entry.language or language
    entries = [make_entry(entry, url, zone, now) for entry in raw.entries]
    return ParsedFeed(
        title=plain_text(raw.title, MAX_TITLE_CHARS),
        language=language,
        entries=entries,
        entry_count=max(prepared.entry_count, len(entries)),
        kind=raw.kind,
        ttl_seconds=_ttl(raw.ttl),
        update_period_seconds=_period(raw.period, raw.frequency),
        self_link=raw.links.get("self"),
        hub_link=raw.links.get("hub"),
        next_link=raw.links.get("next"),
        prev_archive_link=raw.links.get("prev-archive"),
        is_degraded=problem is not None,
        degraded_reason=problem,
        is_cut_off=prepared.is_cut_off,
    )


def _ttl(text: str | None) -> int | None:
    """Return the seconds of an RSS ttl, which is in minutes."""
    text = (text or "").strip()
    return int(text[:8]) * 60 if text.isdecimal() and int(text[:8]) else None


def _period(period: str | None, frequency: str | None) -> int | None:
    """Return the seconds between updates for a period and frequency of the RSS syndication
    module.
    """
    seconds = _PERIOD_SECONDS.get((period or "").strip().lower())
    times = (frequency or "").strip()
    return seconds // max(1, int(times[:6]) if times.isdecimal() else 1) if seconds else None


def read_json_feed(text: str, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return a JSON Feed (https://www.jsonfeed.org/version/1.1/), or the reason why it cannot be
    read.
    """
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Unreadable("The document begins like JSON but is not valid JSON.")
    if not isinstance(document, dict) or "jsonfeed.org/version" not in str(document.get("version")):
        return Unreadable("The document is JSON but not a JSON Feed.")
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


def _read_item(
    item: dict[str, Any], language: str | None, url: str, zone: str, now: dt.datetime
) -> ParsedEntry:
    authors = _list(item.get("authors")) or [item.get("author")]
    text = _text(item.get("content_text"))
    markup = _text(item.get("content_html")) or (f"<p>{html.escape(text)}</p>" if text else None)
    summary = _text(item.get("summary"))
    raw = RawEntry(
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
    )
    return make_entry(raw, url, zone, now)


def _text(value: object) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, str | int | float) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
