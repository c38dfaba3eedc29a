"""Parse a page into its only tree; read the texts and names of its elements."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

Element = Any  # lxml.html.HtmlElement: its stubs know neither xpath results nor text_content

MAX_CHARS = 12_000_000  # characters after decoding; the largest labelled page has 3 million
# lxml's default lookup calls Python for every element
_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)
_DATA_URI = re.compile(r"data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]{200,}")
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{100000,}")
_LONG = 400_000  # characters from which a page is searched for these tags
_CROWD = 10_000  # attributes; libxml2 compares each with all previous ones
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffe\uffff]"
)
_NO_LETTER = re.compile(r"[\W_]+")
_STREAM_PLACE = re.compile(r"[BP]:[0-9a-f]+$")
_EMPTY = ("script", "style", "svg", "template", "iframe", "link", "img", "source", "input")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# words of an ID made from a heading; shorter ones, such as leave-a-comment, name parts of pages
_ANCHOR = 4


def parse(text: str) -> Element | None:
    """Return the page's tree, up to libxml2's 2,048 levels of nesting, or None."""
    if text[:100].lstrip().startswith("<?xml"):
        text = _DECLARATION.sub("", text)
    if len(text) > MAX_CHARS // 8:
        text = _DATA_URI.sub("data:,", text)
    if len(text) > _LONG:
        # only the name of a tag with more than ten thousand attributes remains
        text = _LONG_TAG.sub(
            lambda tag: tag[0].split(None, 1)[0] if tag[0].count("=") > _CROWD else tag[0], text
        )
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def body_of(tree: Element) -> Element:
    """Return the body of a page; the page itself if it has frames instead."""
    body = tree.find("body")
    return tree if body is None else body


def text_of(element: Element) -> str:
    """Return an element's text in one line."""
    return squeeze(raw_text(element))


def raw_text(element: Element) -> str:
    """Return an element's text as written; five times as fast as joining ``itertext``."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))


def names_of(element: Element) -> str:
    """Return an element's class and id as one text, without an id made from a heading."""
    classes, name = element.get("class", ""), element.get("id", "")
    if name and is_anchor(element, name):
        return str(classes)
    return f"{classes} {name}".strip()


def is_anchor(element: Element, name: str) -> bool:
    """Return whether an id has the words of a heading: of its own, or of its section."""
    if element.tag in HEADINGS:
        return True
    words = name.lower().replace("_", "-").split("-")
    if len(words) < _ANCHOR or not len(element) or element[0].tag not in HEADINGS:
        return False
    heading = raw_text(element[0]).strip()[: 2 * len(name)].lower()
    return _NO_LETTER.sub("-", heading).startswith("-".join(words))


def name_test(pattern: str) -> Callable[[str], bool]:
    """Return a cached test whether a pattern occurs in class and id, in any case."""
    search = re.compile(pattern, re.IGNORECASE).search
    return lru_cache(maxsize=16_384)(lambda names: search(names) is not None)


def squeeze(text: str) -> str:
    """Return the text with single spaces and without control and invisible characters."""
    line = " ".join(text.split())
    return line if line.isprintable() else _INVISIBLE.sub("", line)


def strip(tree: Element) -> None:
    """Remove elements without text; read declarations before. A hidden part S:n, which React sends
    later, replaces its template B:n or P:n.

    Source: React, https://react.dev/reference/react-dom/server/renderToPipeableStream.
    """
    places = {place.get("id", ""): place for place in tree.iter("template")}
    names = [*filter(_STREAM_PLACE.match, places)]
    parts = {part.get("id"): part for part in tree.iter("div")} if names else {}
    for name in names:
        place, part = places[name], parts.get(f"S:{name[2:]}")
        if part is not None and part not in place.iterancestors():
            part.attrib.pop("hidden", None)
            place.addprevious(part)
    etree.strip_elements(tree, *_EMPTY, with_tail=False)


@lru_cache(maxsize=4_096)
def plain(text: str) -> str:
    """Return a text's letters and digits in lower case, for comparisons."""
    return _NO_LETTER.sub("", text).lower()
