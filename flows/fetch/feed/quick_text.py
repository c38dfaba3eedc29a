"""The text and the language of an element of a feed, as feedparser tells them, and what is left to feedparser."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TEXT_TYPES = {None, "text", "html", "text/plain", "text/html", "plain"}
_CP1252 = {code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_C1 = re.compile("[\x80-\x9f]")


class OddError(Exception):
    """Something for which feedparser has rules of its own."""


def typed_text(element: etree._Element) -> str:
    """Return an element's text where its type is one of plain or escaped text. Raises OddError for others."""
    if element.get("type") not in _TEXT_TYPES or element.get("mode"):
        raise OddError
    return text_of(element)


def text_of(element: etree._Element) -> str:
    """Return an element's text; markup inside that was not escaped is for feedparser."""
    if len(element):
        raise OddError
    text = (element.text or "").strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")  # UTF-8 that was taken for Latin-1 and encoded once more
    return text.translate(_CP1252) if _C1.search(text) else text


def language_of(element: etree._Element) -> str | None:
    """Return the language that an element, or one around it, says that it is in; None when none does."""
    place: etree._Element | None = element
    while place is not None:
        told = place.get(_LANG) or place.get("lang")
        if told:
            return told.replace("_", "-")
        place = place.getparent()
    return None
