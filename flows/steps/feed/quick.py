"""RSS 2.0 and Atom 1.0 that keep to their formats, read in a fifth of feedparser's time; all else is left to feedparser.

Held against feedparser on real feeds by a test: what this reads is what feedparser reads.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from lxml import etree

from flows.steps.feed.raw import RawEntry, RawFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
_RELAY = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Elements that mix with an entry's own title and text; feedparser has rules for them.
_ODD_TAG = re.compile(
    r"<(?:media:(?:title|description|keywords|category)|itunes:|dc:(?:title|description|language)|xhtml:|fullitem)"
)
_ODD_IN_RSS = {
    "summary",
    "abstract",
    "content",
    "body",
    "id",
    "updated",
    "published",
    "created",
    "modified",
    "issued",
    "keywords",
    "tags",
}
_TEXT_TYPES = {None, "text", "html", "text/plain", "text/html", "plain"}
_CP1252 = {code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_C1 = re.compile("[\x80-\x9f]")
_BARE_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


class _OddError(Exception):
    """Something for which feedparser has rules of its own."""


def read_quickly(text: str) -> RawFeed | None:
    """Return what a feed says, or None when it is not well-formed, not RSS 2.0 or Atom 1.0, or holds anything unusual.

    ``text`` has no document type: nothing outside is read, and no entity is declared.
    """
    if _ODD_TAG.search(text):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
        if root.tag == "rss" and root.get("version") == "2.0" and root.find("item") is None:
            return _read_rss(root)
        return _read_atom(root) if root.tag == f"{_ATOM}feed" else None
    except (etree.XMLSyntaxError, _OddError):
        return None


def _read_rss(root: etree._Element) -> RawFeed | None:
    channels = root.findall("channel")
    if len(channels) != 1:
        return None
    (channel,) = channels
    feed = RawFeed("rss20", language=_language(root))
    for child in channel:
        tag = child.tag
        if tag == "item":
            feed.entries.append(_read_parts(child, _RSS_PARTS))
        elif tag == "title":
            feed.title = feed.title or _text(child)
        elif tag == "language":
            feed.language = _text(child)
        elif tag == "ttl":
            feed.ttl = _text(child)
        else:
            _note_pace(feed, child)
    return feed


def _read_atom(root: etree._Element) -> RawFeed:
    feed = RawFeed("atom10", language=_language(root))
    for child in root:
        if child.tag == f"{_ATOM}entry":
            feed.entries.append(_read_parts(child, _ATOM_PARTS))
        elif child.tag == f"{_ATOM}title":
            feed.title = feed.title or _typed_text(child)
        else:
            _note_pace(feed, child)
    return feed


def _note_pace(feed: RawFeed, child: etree._Element) -> None:
    """Note the links of a feed, and how often it says that it changes."""
    if child.tag == f"{_ATOM}link" and child.get("href"):
        feed.links.setdefault(child.get("rel", "alternate").lower(), child.get("href", ""))
    elif child.tag == f"{_SY}updatePeriod":
        feed.period = _text(child)
    elif child.tag == f"{_SY}updateFrequency":
        feed.frequency = _text(child)


class _Parts:
    """An entry while it is read: what needs more than the last element of a name."""

    __slots__ = ("contents", "entry", "guid_is_link", "origin")

    def __init__(self) -> None:
        self.entry = RawEntry()
        self.contents: list[tuple[str, str | None]] = []
        self.guid_is_link = False
        self.origin: str | None = None


def _read_parts(element: etree._Element, known: Mapping[str, Callable[[_Parts, etree._Element], None]]) -> RawEntry:
    parts = _Parts()
    for child in element:
        read = known.get(child.tag) or known.get(child.tag.lower())
        if read:
            read(parts, child)
        elif child.tag.rpartition("}")[2].lower() in _ODD_IN_RSS and (child.tag[:1] != "{" or child.tag.startswith(_ATOM)):
            raise _OddError
    entry = parts.entry
    if entry.guid and parts.guid_is_link and not entry.link:
        entry.link = entry.guid
    entry.link = parts.origin or entry.link
    fullest, language = max(parts.contents, key=lambda content: len(content[0]), default=("", None))
    entry.content_html = fullest or entry.summary
    entry.summary = entry.summary or fullest
    entry.language = next((told for _, told in parts.contents if told), language)
    return entry


def _take_title(parts: _Parts, element: etree._Element) -> None:
    parts.entry.title = parts.entry.title or _typed_text(element)


def _take_rss_link(parts: _Parts, element: etree._Element) -> None:
    link = _text(element) or element.get("href") or ""
    parts.entry.link = _BARE_REFERENCE.sub(r"&\1", link.replace("&amp;", "&")) or parts.entry.link


def _take_atom_link(parts: _Parts, element: etree._Element) -> None:
    is_page = element.get("type", "text/html").lower() in ("text/html", "html", "application/xhtml+xml", "xhtml")
    if element.get("rel", "alternate").lower() == "alternate" and is_page and element.get("href"):
        parts.entry.link = element.get("href")


def _take_guid(parts: _Parts, element: etree._Element) -> None:
    attributes = {str(name).lower(): value for name, value in element.attrib.items()}
    parts.entry.guid = _text(element)
    parts.guid_is_link = attributes.get("ispermalink", "true") == "true"


def _take_published(parts: _Parts, element: etree._Element) -> None:
    parts.entry.published_raw = _text(element)


def _take_created(parts: _Parts, element: etree._Element) -> None:
    parts.entry.published_raw = parts.entry.published_raw or _text(element)


def _take_updated(parts: _Parts, element: etree._Element) -> None:
    parts.entry.updated_raw = _text(element)


def _take_summary(parts: _Parts, element: etree._Element) -> None:
    if parts.entry.summary is not None:
        raise _OddError
    parts.entry.summary = _typed_text(element)


def _take_content(parts: _Parts, element: etree._Element) -> None:
    if element.get("src"):
        raise _OddError
    parts.contents.append((_typed_text(element), _language(element)))


def _take_author(parts: _Parts, element: etree._Element) -> None:
    parts.entry.authors.append(_name_of(_text(element)))


def _take_person(parts: _Parts, element: etree._Element) -> None:
    name = element.find(f"{_ATOM}name")
    parts.entry.authors.append(_text(name) if name is not None else None)


def _take_category(parts: _Parts, element: etree._Element) -> None:
    parts.entry.categories.append(element.get("label") or element.get("term") or _text(element))


def _take_origin(parts: _Parts, element: etree._Element) -> None:
    parts.origin = _text(element)


_SHARED_PARTS = {
    f"{_CONTENT}encoded": _take_content,
    f"{_DC}creator": _take_author,
    f"{_DC}date": _take_updated,
    f"{_DC}subject": _take_category,
    f"{_TERMS}created": _take_created,
    f"{_TERMS}issued": _take_published,
    f"{_TERMS}modified": _take_updated,
    f"{_ATOM}link": _take_atom_link,
    f"{_ATOM}updated": _take_updated,
    f"{_ATOM}published": _take_published,
    _RELAY: _take_origin,
}
_RSS_PARTS = _SHARED_PARTS | {
    "title": _take_title,
    "link": _take_rss_link,
    "guid": _take_guid,
    "pubdate": _take_published,
    "description": _take_summary,
    "author": _take_author,
    "category": _take_category,
}
_ATOM_PARTS = _SHARED_PARTS | {
    f"{_ATOM}title": _take_title,
    f"{_ATOM}id": _take_guid,
    f"{_ATOM}summary": _take_summary,
    f"{_ATOM}content": _take_content,
    f"{_ATOM}author": _take_person,
    f"{_ATOM}category": _take_category,
}


def _typed_text(element: etree._Element) -> str:
    if element.get("type") not in _TEXT_TYPES or element.get("mode"):
        raise _OddError
    return _text(element)


def _text(element: etree._Element) -> str:
    """Return an element's text; markup inside that was not escaped is for feedparser."""
    if len(element):
        raise _OddError
    text = (element.text or "").strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")  # UTF-8 that was taken for Latin-1 and encoded once more
    return text.translate(_CP1252) if _C1.search(text) else text


def _name_of(author: str) -> str | None:
    """Return the name in an author of RSS, which is an address with the name in brackets, or just a name."""
    if "@" not in author:
        return author
    words = [word for word in author.split() if "@" not in word]
    return " ".join(words).strip("()<> ") or None


def _language(element: etree._Element) -> str | None:
    place: etree._Element | None = element
    while place is not None:
        told = place.get(_LANG) or place.get("lang")
        if told:
            return told.replace("_", "-")
        place = place.getparent()
    return None
