"""Convert markup in titles and summaries of feeds to plain text."""

import re
from collections.abc import Mapping
from typing import Any

from tidings.base.decode import unescape

SILENT = re.compile(r"<(?:(script|style|template|noscript)\b[^<>]*>|(!--))", re.IGNORECASE)
SILENT_ENDS = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE)
    for name in ("script", "style", "template", "noscript")
}
SILENT_ENDS["!--"] = re.compile("-->")
_BREAK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|section|article)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<![a-zA-Z\[][^<>]*>")
_OPEN_END = re.compile(r"<[a-zA-Z/!][^<>]*\Z")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\u200b\u2028\u2029\ud800-\udfff]"
)
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INPUT_CHARS = 200_000
# options of an XML parser that reads and expands nothing outside a text of strangers
SAFE: Any = {"resolve_entities": False, "no_network": True, "huge_tree": False}


def plain_text(markup: str | None, limit: int) -> str | None:
    """Return the text of markup on one line with at most ``limit`` characters, or None. Doubly
    escaped markup is removed too.
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
        text = _BREAK.sub(" ", drop_between(text, SILENT, SILENT_ENDS, " "))
        text = _OPEN_END.sub("", _TAG.sub("", text))
    return unescape(text)


def drop_between(
    text: str, opening: re.Pattern[str], closing: Mapping[str, re.Pattern[str]], put: str
) -> str:
    """Return a text in which ``put`` replaces each part from an opening mark to the closing mark
    with the same name (a group of ``opening``), in linear time.
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


def storable(text: str | None, limit: int | None = None) -> str | None:
    """Return a text without control characters and surrogates, or None if it is empty."""
    if not text:
        return None
    if not text.isprintable():
        text = NO_TEXT.sub("", text)
    return text.strip()[:limit] or None
