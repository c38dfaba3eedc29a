"""Decode a feed's bytes, and prepare its text for a parser: remove invalid characters and excess
entries.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from dataclasses import dataclass

from tidings.fetch.feed.entry import MAX_ENTRIES
from tidings.fetch.feed.text import drop_between

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers use a superset for these names: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "big5": "big5hkscs", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "shift_jis": "cp932", "x-sjis": "cp932", "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8", "iso-8859-9": "cp1254",
    "windows-31j": "cp932", "utf-16": "utf-16",
    "tis-620": "cp874",
}  # fmt: skip
# Lead bytes of the frequent characters of each set: level 1 of GB 2312, Big5, KS X 1001 and JIS X
# 0208.
_FREQUENT = {
    # first, because Korean text looks like frequent Chinese characters, but hardly any Chinese text
    # looks like Korean
    "cp949": ((0xB0, 0xC8),),
    "gb18030": ((0xB0, 0xD7),),
    "big5hkscs": ((0xA4, 0xC6),),
    "cp932": ((0x82, 0x83), (0x88, 0x97)),
    "euc_jp": ((0xA4, 0xA5), (0xB0, 0xCF)),
}
_MAY_BE_BROKEN_SHARE = 0.02
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


def decode_feed(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """Return a feed's text, and the problem with its declared encoding as a sentence, or None.

    A byte-order mark has priority over the XML declaration and the server's charset, which apply
    only if every byte is valid. If no declaration is valid, the encoding is guessed from the
    frequent characters of East Asian and Western texts.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), None
    if body[:4] in (b"<\0?\0", b"<\0r\0", b"<\0f\0"):
        return body.decode("utf-16-le", "replace"), None
    if body[:4] in (b"\0<\0?", b"\0<\0r", b"\0<\0f"):
        return body.decode("utf-16-be", "replace"), None
    declared = _declared_names(body, content_type)
    for name in [*declared, "utf-8"]:
        text = _decode(body, name)
        if text is not None:
            is_declared = name in declared or not declared
            return text, None if is_declared else (
                f"The declared encoding is {declared[0]}, but the bytes are {name}."
            )
    almost = body.decode("utf-8", "replace")
    high_count = sum(not char.isascii() for char in almost)
    if almost.count("\ufffd") <= _MAY_BE_BROKEN_SHARE * high_count:
        return almost, "Some bytes are invalid in its encoding."
    name = guess_encoding(body)
    return body.decode(
        name, "replace"
    ), f"The declared encoding is {declared[0] if declared else 'utf-8'}, but the bytes are {name}."


def guess_encoding(body: bytes) -> str:
    """Return the legacy encoding in which the bytes have most frequent characters, or cp1252 if
    none matches.
    """
    high = bytes(body)[:400_000]
    pairs = re.findall(rb"[\x80-\xff]+[\x30-\xff]?", high)
    run = b" ".join(pairs)
    if not pairs or sum(map(len, pairs)) < 2.2 * len(pairs):
        return "cp1252"  # single non-ASCII letters between ASCII letters: a Western text
    scores = {name: _score(run, name) for name in _FREQUENT}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0.5 else "cp1252"


def _score(run: bytes, name: str) -> float:
    text = run.decode(name, "replace")
    frequent, count = 0, 0
    for char in text:
        if char.isascii():
            continue
        count += 1
        if char != "\ufffd":
            lead = char.encode(name, "replace")[0]
            frequent += any(low <= lead <= high for low, high in _FREQUENT[name])
    return frequent / count if count else 0.0


def _declared_names(body: bytes, content_type: str | None) -> list[str]:
    declared = _DECLARED.search(body[:1024])
    charset = _CHARSET.search(content_type or "")
    raw = [declared[1].decode("ascii").lower()] if declared else []
    raw += [charset[1].lower()] if charset else []
    return list(dict.fromkeys(_SUPERSETS.get(name, name) for name in raw))


def _decode(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


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
    text = (head if "<?xml-stylesheet" not in head and "<!--" not in head else "") + text[
        root.start() :
    ]
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
        problem = "The feed contains characters that XML does not allow."
    if "&" in text:
        text = _REFERENCE.sub(_reference, text) if "&#" in text else text
        text = _ENTITY.sub(_character, text)
    is_cut_off = _END.search(text, max(0, len(text) - 2000)) is None
    count = sum(1 for _ in _ENTRY.finditer(text))
    if count > MAX_ENTRIES:
        text = _cut_entries(text)
    if is_cut_off:
        text = _drop_incomplete_entry(text)
        problem = problem or "Its end is missing."
    return Prepared(text.strip(), problem, is_cut_off, count)


def _reference(match: re.Match[str]) -> str:
    """Return a numeric reference unchanged, or an empty text if XML does not allow the character,
    which stops the parser.
    """
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else -1
    is_legal = (
        code in (9, 10, 13)
        or 32 <= code < 0xD800
        or 0xE000 <= code < 0xFFFE
        or 0x10000 <= code <= 0x10FFFF
    )
    return match[0] if is_legal else ""


def _character(match: re.Match[str]) -> str:
    char = html.entities.html5.get(match[1] + ";")
    return char if char is not None and char not in "<>&\"'" else f"&amp;{match[1]};"


def _drop_incomplete_entry(text: str) -> str:
    """Return the text up to the end of its last complete entry. Half of a link would be a different
    URL and a different entry.
    """
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    torn = _ENTRY.search(text, ends[-1] if ends else 0)
    return text[: torn.start()] if torn else text


def _cut_entries(text: str) -> str:
    """Return the text with its first 2,000 entries and the text after the last entry."""
    last_kept, last = 0, 0
    for number, match in enumerate(_ENTRY_END.finditer(text), 1):
        last = match.end()
        if number == MAX_ENTRIES:
            last_kept = match.end()
    return text[:last_kept] + text[last:] if last_kept else text
