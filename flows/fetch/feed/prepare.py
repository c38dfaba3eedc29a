"""The text of a feed made fit for a parser: what no XML may hold taken out, what is too long cut, nothing else touched."""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass

from tidings.flows.fetch.feed.parsed import MAX_ENTRIES
from tidings.flows.fetch.feed.text import drop_between

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
    """A feed's text, what was wrong with it, whether its end is missing, and how many entries it had."""

    text: str
    problem: str | None
    is_cut_off: bool
    entry_count: int


def prepare_xml(text: str) -> Prepared | None:
    """Return a feed's text ready for a parser, or None when there is no root element of a feed in it.

    Document types go, and with them every entity that they declare: none is fetched or expanded. Named characters of HTML,
    which XML does not know, become the characters. Entries beyond 2,000 are cut out before they cost anything.
    """
    root = _ROOT.search(text, 0, 200_000)
    if root is None:
        return None
    problem = None
    head = drop_between(_DECLARATION.sub("", text[: root.start()]), _DOCTYPE, _DOCTYPE_ENDS, "")
    text = (head if "<?xml-stylesheet" not in head and "<!--" not in head else "") + text[root.start() :]
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
        problem = "It holds characters that XML does not allow."
    if "&" in text:
        text = _REFERENCE.sub(_reference, text) if "&#" in text else text
        text = _ENTITY.sub(_character, text)
    is_cut_off = _END.search(text, max(0, len(text) - 2000)) is None
    count = sum(1 for _ in _ENTRY.finditer(text))
    if count > MAX_ENTRIES:
        text = _cut_entries(text)
    if is_cut_off:
        text = _drop_torn_entry(text)
        problem = problem or "Its end is missing."
    return Prepared(text.strip(), problem, is_cut_off, count)


def _reference(match: re.Match[str]) -> str:
    """Return a numeric reference as it is, or nothing for one to what XML does not allow: it would end the parser."""
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else -1
    is_legal = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    return match[0] if is_legal else ""


def _character(match: re.Match[str]) -> str:
    char = html.entities.html5.get(match[1] + ";")
    return char if char is not None and char not in "<>&\"'" else f"&amp;{match[1]};"


def _drop_torn_entry(text: str) -> str:
    """Return the text up to the end of its last whole entry: half of a link would lead elsewhere, and make another entry."""
    ends = [found.end() for found in _ENTRY_END.finditer(text)]
    torn = _ENTRY.search(text, ends[-1] if ends else 0)
    return text[: torn.start()] if torn else text


def _cut_entries(text: str) -> str:
    """Return the text with its first 2,000 entries and what follows the last."""
    last_kept, last = 0, 0
    for number, found in enumerate(_ENTRY_END.finditer(text), 1):
        last = found.end()
        if number == MAX_ENTRIES:
            last_kept = found.end()
    return text[:last_kept] + text[last:] if last_kept else text
