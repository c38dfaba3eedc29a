"""An entry of RSS 2.0 or Atom 1.0, read as feedparser reads it: an element has one reader, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.flows.fetch.feed.quick_text import ATOM, OddError, language_of, text_of, typed_text
from tidings.flows.fetch.feed.raw import RawEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml import etree

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_RELAY = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"
_ODD_IN_RSS = frozenset(
    ["summary", "abstract", "content", "body", "id", "updated", "published", "created", "modified", "issued", "keywords", "tags"]
)
_BARE_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


class _Parts:
    """An entry while it is read: what needs more than the last element of a name."""

    __slots__ = ("contents", "entry", "guid_is_link", "origin")

    def __init__(self) -> None:
        self.entry = RawEntry()
        self.contents: list[tuple[str, str | None]] = []
        self.guid_is_link = False
        self.origin: str | None = None


def read_entry(element: etree._Element, known: Mapping[str, Callable[[_Parts, etree._Element], None]]) -> RawEntry:
    """Return an entry's parts; ``known`` are the readers of its format, RSS_PARTS or ATOM_PARTS.

    Raises OddError where feedparser has rules of its own.
    """
    parts = _Parts()
    for child in element:
        read = known.get(child.tag) or known.get(child.tag.lower())
        if read:
            read(parts, child)
        elif child.tag.rpartition("}")[2].lower() in _ODD_IN_RSS and (child.tag[:1] != "{" or child.tag.startswith(ATOM)):
            raise OddError
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
    parts.entry.title = parts.entry.title or typed_text(element)


def _take_rss_link(parts: _Parts, element: etree._Element) -> None:
    link = text_of(element) or element.get("href") or ""
    parts.entry.link = _BARE_REFERENCE.sub(r"&\1", link.replace("&amp;", "&")) or parts.entry.link


def _take_atom_link(parts: _Parts, element: etree._Element) -> None:
    is_page = element.get("type", "text/html").lower() in ("text/html", "html", "application/xhtml+xml", "xhtml")
    if element.get("rel", "alternate").lower() == "alternate" and is_page and element.get("href"):
        parts.entry.link = element.get("href")


def _take_guid(parts: _Parts, element: etree._Element) -> None:
    attributes = {str(name).lower(): value for name, value in element.attrib.items()}
    parts.entry.guid = text_of(element)
    parts.guid_is_link = attributes.get("ispermalink", "true") == "true"


def _take_published(parts: _Parts, element: etree._Element) -> None:
    parts.entry.published_raw = text_of(element)


def _take_created(parts: _Parts, element: etree._Element) -> None:
    parts.entry.published_raw = parts.entry.published_raw or text_of(element)


def _take_updated(parts: _Parts, element: etree._Element) -> None:
    parts.entry.updated_raw = text_of(element)


def _take_summary(parts: _Parts, element: etree._Element) -> None:
    if parts.entry.summary is not None:
        raise OddError
    parts.entry.summary = typed_text(element)


def _take_content(parts: _Parts, element: etree._Element) -> None:
    if element.get("src"):
        raise OddError
    parts.contents.append((typed_text(element), language_of(element)))


def _take_author(parts: _Parts, element: etree._Element) -> None:
    parts.entry.authors.append(_name_of(text_of(element)))


def _take_person(parts: _Parts, element: etree._Element) -> None:
    name = element.find(f"{ATOM}name")
    parts.entry.authors.append(text_of(name) if name is not None else None)


def _take_category(parts: _Parts, element: etree._Element) -> None:
    parts.entry.categories.append(element.get("label") or element.get("term") or text_of(element))


def _take_origin(parts: _Parts, element: etree._Element) -> None:
    parts.origin = text_of(element)


_SHARED_PARTS = {
    f"{_CONTENT}encoded": _take_content,
    f"{_DC}creator": _take_author,
    f"{_DC}date": _take_updated,
    f"{_DC}subject": _take_category,
    f"{_TERMS}created": _take_created,
    f"{_TERMS}issued": _take_published,
    f"{_TERMS}modified": _take_updated,
    f"{ATOM}link": _take_atom_link,
    f"{ATOM}updated": _take_updated,
    f"{ATOM}published": _take_published,
    _RELAY: _take_origin,
}
RSS_PARTS = _SHARED_PARTS | {
    "title": _take_title,
    "link": _take_rss_link,
    "guid": _take_guid,
    "pubdate": _take_published,
    "description": _take_summary,
    "author": _take_author,
    "category": _take_category,
}
ATOM_PARTS = _SHARED_PARTS | {
    f"{ATOM}title": _take_title,
    f"{ATOM}id": _take_guid,
    f"{ATOM}summary": _take_summary,
    f"{ATOM}content": _take_content,
    f"{ATOM}author": _take_person,
    f"{ATOM}category": _take_category,
}


def _name_of(author: str) -> str | None:
    """Return the name in an author of RSS, which is an address with the name in brackets, or just a name."""
    if "@" not in author:
        return author
    words = [word for word in author.split() if "@" not in word]
    return " ".join(words).strip("()<> ") or None
