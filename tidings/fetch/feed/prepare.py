"""Decode a feed's bytes, and prepare its text for a parser: remove invalid characters and excess
entries.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from tidings.fetch.feed.entry import MAX_ENTRIES
from tidings.fetch.feed.text import drop_between

_DECLARED = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# byte-order marks, and the beginnings of XML without one
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    ((codecs.BOM_UTF16_LE, b"<\0?\0", b"<\0r\0", b"<\0f\0"), "utf-16-le"),
    ((codecs.BOM_UTF16_BE, b"\0<\0?", b"\0<\0r", b"\0<\0f"), "utf-16-be"),
)
# Browsers use a superset for these names: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = (
    dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030")
    | dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949")
    | dict.fromkeys(("shift_jis", "x-sjis", "windows-31j"), "cp932")
    | dict.fromkeys(("iso-8859-1", "latin1"), "cp1252")
    | dict.fromkeys(("us-ascii", "ascii", "utf8"), "utf-8")
    | {"big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874"}
)
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
    for marks, name in _BOMS:
        if body.startswith(marks):
            return body.decode(name, "replace").removeprefix("\ufeff"), None
    names = _DECLARED.findall(body[:1024].decode("latin-1"))[:1]
    names += _CHARSET.findall(content_type or "")[:1]
    declared = [_SUPERSETS.get(name.lower(), name.lower()) for name in names or ["utf-8"]]
    for name in dict.fromkeys([*declared, "utf-8"]):
        with suppress(UnicodeDecodeError, LookupError):
            text, is_declared = body.decode(name), name in declared
            return text, None if is_declared else _mismatch(declared, name)
    almost = body.decode("utf-8", "replace")
    high_count = len(almost) - len(almost.encode("ascii", "ignore"))
    if almost.count("\ufffd") <= _MAY_BE_BROKEN_SHARE * high_count:
        return almost, "Some bytes are invalid in its encoding."
    name = guess_encoding(body)
    return body.decode(name, "replace"), _mismatch(declared, name)


def _mismatch(declared: list[str], name: str) -> str:
    return f"The declared encoding is {declared[0]}, but the bytes are {name}."


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
    chars = [char for char in run.decode(name, "replace") if not char.isascii()]
    leads = Counter(char.encode(name, "replace")[0] for char in chars if char != "\ufffd")
    frequent = sum(leads[lead] for low, high in _FREQUENT[name] for lead in range(low, high + 1))
    return frequent / len(chars) if chars else 0.0


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
