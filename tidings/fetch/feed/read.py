"""Read a feed of any format: the fast reader for valid RSS 2.0 and Atom, feedparser for other XML,
and JSON Feed.
"""

import datetime as dt
import html
import html.entities
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from tidings.base.decode import decode_labelled
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
from tidings.fetch.feed.text import NO_TEXT, drop_between, plain_text, storable

_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([a-zA-Z][a-zA-Z0-9]{1,31});")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,2000}([\[>])", re.IGNORECASE)
_DOCTYPE_ENDS = {"[": re.compile(r"\]\s*>"), ">": re.compile("")}
_DECLARATION = re.compile(r"<\?xml[^>]{0,400}\?>")
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A feed's text, the problem with it, whether its end is missing, and its number of entries."""

    text: str
    problem: str | None
    is_cut_off: bool
    entry_count: int


def prepare_xml(text: str) -> Prepared | None:
    """Return a feed's text for a parser, or None without a root element of a feed.

    Document types are removed, so no entity is fetched or expanded. HTML character names become
    characters. Only the first 2,000 entries stay.
    """
    root = _ROOT.search(text, 0, 200_000)
    if root is None:
        return None
    problem = None
    head = drop_between(_DECLARATION.sub("", text[: root.start()]), _DOCTYPE, _DOCTYPE_ENDS, "")
    if "<?xml-stylesheet" in head or "<!--" in head:
        head = ""
    text = head + text[root.start() :]
    if NO_TEXT.search(text):
        text = NO_TEXT.sub("", text)
        problem = "The feed contains characters that XML does not allow."
    text = _ENTITY.sub(_character, _REFERENCE.sub(_reference, text))
    is_cut_off = _END.search(text, max(0, len(text) - 2000)) is None
    count = len(_ENTRY.findall(text))
    ends = [0, *(match.end() for match in _ENTRY_END.finditer(text))]
    if count > MAX_ENTRIES < len(ends):
        # the first entries, and the text after the last one
        text = text[: ends[MAX_ENTRIES]] + text[ends[-1] :]
        del ends[MAX_ENTRIES + 1 :]
    if is_cut_off:
        # Half of a link would be a different URL and a different entry.
        torn = _ENTRY.search(text, ends[-1])
        text = text[: torn.start()] if torn else text
        problem = problem or "Its end is missing."
    return Prepared(text.strip(), problem, is_cut_off, count)


def _reference(match: re.Match[str]) -> str:
    """Return a numeric reference, or an empty text if XML does not allow the character."""
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else 0
    is_legal = code <= 0x10FFFF and not NO_TEXT.match(chr(code))
    return match[0] if is_legal else ""


def _character(match: re.Match[str]) -> str:
    char = html.entities.html5.get(match[1] + ";")
    return char if char is not None and char not in "<>&\"'" else f"&amp;{match[1]};"


_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PERIOD_SECONDS = {
    "hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000,
}  # fmt: skip


def read_feed(
    body: bytes, content_type: str | None, url: str, zone: str, now: dt.datetime
) -> ParsedFeed | Unreadable:
    """Return the feed in a response body, or the reason why it cannot be read.

    ``url`` is the final URL, ``zone`` the publisher's IANA zone, and ``now`` the time (UTC) at
    which the entries were first seen.
    """
    decoded = decode_labelled(body, content_type)
    start = decoded.text.lstrip("\ufeff \t\r\n\0")
    if start.startswith(("{", "[")):
        return read_json_feed(start, url, zone, now)
    prepared = prepare_xml(decoded.text)
    if prepared is None:
        return Unreadable("The document contains no root element of a feed.")
    try:
        raw = read_fast(prepared.text) or read_with_feedparser(prepared.text)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        # bugs of the parser raise these
        return Unreadable(f"The parser failed: {type(error).__name__}: {error}"[:300] + ".")
    problem = decoded.problem or prepared.problem or raw.problem
    if problem and not raw.entries and not raw.title:
        return Unreadable(f"The feed is too damaged to be read. {problem}")
    return _make_feed(raw, prepared, problem, url=url, zone=zone, now=now)


def _make_feed(
    raw: RawFeed, prepared: Prepared, problem: str | None, *, url: str, zone: str, now: dt.datetime
) -> ParsedFeed:
    language = storable(raw.language, 35)
    for entry in raw.entries:
        entry.language = entry.language or language
    entries = [make_entry(entry, url, zone, now) for entry in raw.entries]
    period = _PERIOD_SECONDS.get((raw.period or "").strip().lower(), 0)
    return ParsedFeed(
        title=plain_text(raw.title, MAX_TITLE_CHARS),
        language=language,
        entries=entries,
        entry_count=max(prepared.entry_count, len(entries)),
        kind=raw.kind,
        ttl_seconds=60 * _number(raw.ttl, 8) or None,
        update_period_seconds=period // max(1, _number(raw.frequency, 6)) or None,
        next_link=raw.links.get("next"),
        prev_archive_link=raw.links.get("prev-archive"),
        degraded_reason=problem,
        is_cut_off=prepared.is_cut_off,
    )


def _number(text: str | None, digits: int) -> int:
    text = (text or "").strip()
    return int(text[:digits]) if text.isdecimal() else 0


def read_with_feedparser(text: str) -> RawFeed:
    """Return a feed of any XML format, read by feedparser."""
    result = _parse_without_dates(text)
    head, problem = result.feed, f"The feed is not well-formed: {result.get('bozo_exception')}"
    links = reversed(dict.get(head, "links", []))
    return RawFeed(
        kind=result.version or "unknown",
        title=dict.get(head, "title"),
        language=dict.get(head, "language"),
        ttl=dict.get(head, "ttl"),
        period=dict.get(head, "sy_updateperiod"),
        frequency=dict.get(head, "sy_updatefrequency"),
        links={link["rel"]: link["href"] for link in links if link.get("rel") and link.get("href")},
        entries=[*map(_read_entry, result.entries)],
        problem=problem[:300] if result.bozo else None,
    )


def _parse_without_dates(text: str) -> Any:
    """Return feedparser's result without parsed dates, which ``dates`` parses."""
    import feedparser.datetimes  # noqa: PLC0415 - it takes most of a worker's start, and few feeds need it

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
    contents = get(entry, "content", [])
    fullest = max((part.get("value", "") for part in contents), key=len, default="")
    languages = [part.get("language") for part in contents]
    authors = [author.get("name") for author in get(entry, "authors", [])]
    summary = get(entry, "summary")
    return RawEntry(
        guid=get(entry, "id"),
        link=_first(entry, "feedburner_origlink", "link"),
        title=get(entry, "title"),
        summary=summary or fullest,
        content_html=fullest or summary,
        authors=authors or [get(entry, "author")],
        categories=[_first(tag, "label", "term") for tag in get(entry, "tags", [])],
        language=next(filter(None, [get(entry, "language"), *languages]), None),
        published_raw=_first(entry, "published", "created"),
        updated_raw=get(entry, "updated"),
    )


def _first(values: dict[str, Any], *names: str) -> Any:
    return next(filter(None, (dict.get(values, name) for name in names)), None)


def read_json_feed(text: str, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return a JSON Feed (https://www.jsonfeed.org/version/1.1/), or why it cannot be read."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Unreadable("The document begins like JSON but is not valid JSON.")
    if not isinstance(document, dict) or "jsonfeed.org/version" not in str(document.get("version")):
        return Unreadable("The document is JSON but not a JSON Feed.")
    items, shown = _dicts(document.get("items")), _texts(document)
    language = shown.get("language")
    title, next_url = plain_text(shown.get("title"), MAX_TITLE_CHARS), shown.get("next_url")
    entries = [_read_item(item, language, url, zone, now) for item in items[:MAX_ENTRIES]]
    return ParsedFeed(title, language, entries, len(items), "json_feed", next_link=next_url)


def _read_item(
    item: dict[str, Any], language: str | None, url: str, zone: str, now: dt.datetime
) -> ParsedEntry:
    authors, tags = _dicts(item.get("authors")) or _dicts([item.get("author")]), item.get("tags")
    shown = _texts(item)
    text = html.escape(shown.get("content_text", ""))
    markup = shown.get("content_html") or (f"<p>{text}</p>" if text else None)
    raw = RawEntry(
        guid=shown.get("id"),
        link=_first(shown, "url", "external_url"),
        title=html.escape(shown.get("title", "")),
        summary=html.escape(shown.get("summary", "")) or markup,
        content_html=markup,
        authors=[_texts(author).get("name") for author in authors],
        categories=[*map(_text, tags)] if isinstance(tags, list) else [],
        language=shown.get("language") or language,
        published_raw=shown.get("date_published"),
        updated_raw=shown.get("date_modified"),
    )
    return make_entry(raw, url, zone, now)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_text else ""


def _dicts(values: object) -> list[dict[str, Any]]:
    """Return the objects in a list; an empty list for another value."""
    values = values if isinstance(values, list) else []
    return [value for value in values if isinstance(value, dict)]
