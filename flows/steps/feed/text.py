"""Plain text of what feeds put into titles and summaries: markup, doubly escaped markup, stray spaces."""

from __future__ import annotations

import html
import re

_SILENT = re.compile(r"<(script|style|template|noscript)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_SILENT_START = re.compile(r"<(?:script|style|template|noscript|!--)", re.IGNORECASE)
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
        if _SILENT_START.search(text):
            text = _SILENT.sub(" ", text)
        text = _BREAK.sub(" ", text)
        text = _TAG.sub("", text)
        text = _OPEN_END.sub("", text)
    return html.unescape(text) if "&" in text else text


def storable(text: str | None, limit: int | None = None) -> str | None:
    """Return text without what cannot be stored (control characters, halves of surrogate pairs), or None when none is left."""
    if not text:
        return None
    return (_NO_TEXT.sub("", text).strip())[:limit] or None
