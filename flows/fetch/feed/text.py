"""Plain text of what feeds put into titles and summaries: markup, doubly escaped markup, stray spaces."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SILENT = re.compile(r"<(?:(script|style|template|noscript)\b[^<>]*>|(!--))", re.IGNORECASE)
_SILENT_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "template", "noscript")}
_SILENT_ENDS["!--"] = re.compile("-->")
_LONG_REFERENCE = re.compile(r"&#[0-9]{1000,}+;?")  # Python refuses to read numbers of more than 4,300 digits
_BREAK = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|section|article)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<![a-zA-Z\[][^<>]*>")
_OPEN_END = re.compile(r"<[a-zA-Z/!][^<>]*\Z")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\u200b\u2028\u2029\ud800-\udfff]")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INPUT_CHARS = 200_000


def plain_text(markup: str | None, limit: int) -> str | None:
    """Return the text of a piece of markup on one line, at most ``limit`` characters, or None when nothing is left.

    Markup that was escaped once too often is opened too. What scripts and styles hold is no text.
    """
    if not markup:
        return None
    text = markup[:_INPUT_CHARS]
    if "<" in text or "&" in text:
        text = _strip(text)
        if "<" in text and _TAG.search(text):
            text = _strip(text)
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join(_CONTROLS.sub("", text).split())
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or None


def _strip(text: str) -> str:
    if "<" in text:
        text = drop_between(text, _SILENT, _SILENT_ENDS, " ")
        text = _BREAK.sub(" ", text)
        text = _TAG.sub("", text)
        text = _OPEN_END.sub("", text)
    return unescape(text)


def drop_between(text: str, opening: re.Pattern[str], closing: Mapping[str, re.Pattern[str]], put: str) -> str:
    """Return a text with ``put`` in place of each stretch from an opening mark to the closing mark of the same name.

    A group of ``opening`` names the mark. An opening mark without a closing one stays. The function stops searching for a
    closing mark after it is missing once, so it reads the text once per name.
    """
    pieces: list[str] = []
    place = following = 0
    missing: set[str] = set()
    while opened := opening.search(text, following):
        name, following = opened[opened.lastindex or 0].lower(), opened.end()
        closed = None if name in missing else closing[name].search(text, following)
        if closed is None:
            missing.add(name)
            continue
        pieces += (text[place : opened.start()], put)
        place = following = closed.end()
    return "".join([*pieces, text[place:]])


def unescape(text: str) -> str:
    """Return a text with its character references resolved; an invalid number becomes U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text) if "&#" in text else text)


def storable(text: str | None, limit: int | None = None) -> str | None:
    """Return text without what cannot be stored (control characters, halves of surrogate pairs), or None when none is left."""
    if not text:
        return None
    return (_NO_TEXT.sub("", text).strip())[:limit] or None
