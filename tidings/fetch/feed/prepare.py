"""Prepare a feed's text for a parser: remove invalid characters and excess entries."""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass

from tidings.fetch.feed.entry import MAX_ENTRIES
from tidings.fetch.feed.text import drop_between

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
    """A feed's text, the problem with it, whether its end is missing, and the number of entries
    before they were cut.
    """

    text: str
    problem: str | None
    is_cut_off: bool
    entry_count: int


def prepare_xml(text: str) -> Prepared | None:
    """Return a feed's text for a parser, or None if the text has no root element of a feed.

    Document types are removed with the entities that they declare, so no entity is fetched or
    expanded. HTML character names, which XML does not define, are replaced by the characters.
    Entries after the first 2,000 are removed before parsing.
    """
    root = _ROOT.search(text, 0, 200_000)
    if root is None:
        return None
    problem = None
    head = drop_between(_DECLARATION.sub("", text[: root.start()]), _DOCTYPE, _DOCTYPE_ENDS, "")
    if "<?xml-stylesheet" in head or "<!--" in head:
        head = ""
    text = head + text[root.start() :]
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
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
    """Return a numeric reference unchanged, or an empty text if XML does not allow the character,
    which stops the parser.
    """
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else 0
    is_legal = code <= 0x10FFFF and not _ILLEGAL.match(chr(code))
    return match[0] if is_legal else ""


def _character(match: re.Match[str]) -> str:
    char = html.entities.html5.get(match[1] + ";")
    return char if char is not None and char not in "<>&\"'" else f"&amp;{match[1]};"
