"""A feed of any format from its bytes: the quick reader where it can, feedparser elsewhere, and every part checked here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import feedparser
import feedparser.datetimes

from tidings.flows.fetch.feed.encoding import decode_feed
from tidings.flows.fetch.feed.entry import make_entry
from tidings.flows.fetch.feed.json_feed import read_json_feed
from tidings.flows.fetch.feed.parsed import MAX_TITLE_CHARS, ParsedFeed, Unreadable
from tidings.flows.fetch.feed.prepare import Prepared, prepare_xml
from tidings.flows.fetch.feed.quick import read_quickly
from tidings.flows.fetch.feed.raw import RawEntry, RawFeed
from tidings.flows.fetch.feed.text import plain_text, storable

if TYPE_CHECKING:
    import datetime as dt

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PERIOD_SECONDS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def read_feed(body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return what a feed says, or why there is none.

    ``url`` is where the feed came from in the end: links resolve against it. ``zone`` is the publisher's IANA zone, ``now``
    the instant (UTC) at which its entries are seen. Nothing here stops a parser that hangs: FeedReader does.
    """
    text, encoding_problem = decode_feed(body, content_type)
    start = text.lstrip("\ufeff \t\r\n\0")
    if start[:1] in ("{", "["):
        return read_json_feed(start, url, zone, now)
    prepared = prepare_xml(text)
    if prepared is None:
        return Unreadable("There is no element of a feed in it.")
    try:
        raw = read_quickly(prepared.text) or read_patiently(prepared.text)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:  # what a parser's bugs look like
        return Unreadable(f"The parser failed on it: {type(error).__name__}: {error}"[:300] + ".")
    problem = encoding_problem or prepared.problem or raw.problem
    if not raw.entries and not raw.title and problem:
        return Unreadable(f"The feed is too broken to be read. {problem}")
    return _check(raw, prepared, problem, url=url, zone=zone, now=now)


def read_patiently(text: str) -> RawFeed:
    """Return what feedparser makes of a feed of any format, broken or not."""
    found = _take_apart(text)
    head = found.feed
    links = dict.get(head, "links") or []
    return RawFeed(
        kind=found.version or "unknown",
        title=dict.get(head, "title"),
        language=dict.get(head, "language"),
        ttl=dict.get(head, "ttl"),
        period=dict.get(head, "sy_updateperiod"),
        frequency=dict.get(head, "sy_updatefrequency"),
        links={link["rel"]: link["href"] for link in reversed(links) if link.get("rel") and link.get("href")},
        entries=[_read_entry(entry) for entry in found.entries],
        problem=f"It is not well-formed: {found.get('bozo_exception')}"[:300] if found.bozo else None,
    )


def _take_apart(text: str) -> Any:
    """Return feedparser's result; its own reading of dates, which is not used, is switched off meanwhile."""
    handlers = feedparser.datetimes._date_handlers  # noqa: SLF001 — there is no other switch, and it is a sixth of the time
    kept = handlers[:]
    handlers.clear()
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    finally:
        handlers[:] = kept


def _read_entry(entry: Any) -> RawEntry:
    get = dict.get  # not the mapping's own get: it puts one date in another's place
    summary = get(entry, "summary")
    contents = get(entry, "content") or []
    fullest = max((part.get("value") or "" for part in contents), key=len, default="") or summary
    told = next((part.get("language") for part in contents if part.get("language")), None)
    return RawEntry(
        guid=get(entry, "id"),
        link=get(entry, "feedburner_origlink") or get(entry, "link"),
        title=get(entry, "title"),
        summary=summary or fullest,
        content_html=fullest,
        authors=[author.get("name") for author in get(entry, "authors") or []] or [get(entry, "author")],
        categories=[tag.get("label") or tag.get("term") for tag in get(entry, "tags") or []],
        language=get(entry, "language") or told,
        published_raw=get(entry, "published") or get(entry, "created"),
        updated_raw=get(entry, "updated"),
    )


def _check(raw: RawFeed, prepared: Prepared, problem: str | None, *, url: str, zone: str, now: dt.datetime) -> ParsedFeed:
    language = storable(raw.language, 35)
    entries = [
        make_entry(
            guid=entry.guid,
            link=entry.link,
            title=entry.title,
            summary=entry.summary,
            content_html=entry.content_html,
            authors=entry.authors,
            categories=entry.categories,
            language=entry.language or language,
            published_raw=entry.published_raw,
            updated_raw=entry.updated_raw,
            base=url,
            zone=zone,
            now=now,
        )
        for entry in raw.entries
    ]
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
    """Return RSS's time to live, which is in minutes, in seconds."""
    text = (text or "").strip()
    return int(text[:8]) * 60 if text.isdecimal() and int(text[:8]) else None


def _period(period: str | None, frequency: str | None) -> int | None:
    """Return the seconds between updates that the syndication module tells: a period, and how often in it."""
    seconds = _PERIOD_SECONDS.get((period or "").strip().lower())
    times = (frequency or "").strip()
    return seconds // max(1, int(times[:6]) if times.isdecimal() else 1) if seconds else None
