"""Decode the bytes of pages and feeds by their content if a label is wrong, and resolve character
references.
"""

from __future__ import annotations

import codecs
import html
import re
from contextlib import suppress
from typing import NamedTuple
from unicodedata import category

from charset_normalizer import from_bytes

# The encodings that browsers use for labels, by Python's name of the label:
# https://encoding.spec.whatwg.org/#names-and-labels
_TAKEN_FOR = {
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254",
    "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
_LATIN = ["cp1252", "cp1250", "cp1254", "cp1257", "iso8859_2"]
_OTHER_SCRIPTS = [
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1253", "cp1255",
    "cp1256", "cp874",
]  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# the declaration of XML precedes labels
_DECLARATIONS = (
    re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{3,40})""", re.IGNORECASE),
    re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{3,40})""", re.IGNORECASE),
)
# Python does not convert numbers with more than 4,300 digits
_LONG_REFERENCE = re.compile(r"&#[0-9]{1000,}+;?")
_WRITTEN = re.compile(rb"[\x80-\xff][^<]*")  # a text between tags, from its first such letter
_EVIDENCE = 400_000  # bytes in which the encoding is guessed
_INVALID = re.compile("[\x80-\x9f\ufffd]")  # controls that no text contains, and damage
_LOOKED_AT = 4096  # bytes at the start in which a page may name its encoding; browsers look at 1024
# Control characters that texts do not contain: https://mimesniff.spec.whatwg.org/#binary-data-byte,
# without those of ISO 2022.
_BINARY = bytes((*range(9), 11, *range(16, 27), *range(28, 32)))
_BINARY_SHARE = 0.005  # of the bytes; files have about a tenth, and 4,673 real pages at most 0.0003
_JUDGED = 100_000  # characters of a page in UTF-16 in which they are counted
# share of undecodable characters up to which the label of a damaged page is accepted
_TOLERATED = 0.005
_DAMAGED = 0.3  # the same for UTF-8, whose sequences other encodings hardly ever have


class Decoded(NamedTuple):
    """A text, and a sentence about its wrong declaration or invalid bytes, or None."""

    text: str
    problem: str | None = None


def decode(body: bytes, content_type: str | None) -> str:
    """Return the text of a page without NUL characters, at which parsers stop; never raises."""
    return decode_labelled(body, content_type).text.replace("\0", " ")


def decode_labelled(body: bytes, content_type: str | None) -> Decoded:
    """Return the text of a page or feed, with the problem of its declaration; never raises.

    The encoding comes from the byte order mark, else it is UTF-8 if the bytes are valid UTF-8 (text
    in another encoding is practically never valid UTF-8), else a label of the header or page that
    fits, else a guess. Bytes that cannot be decoded become U+FFFD.
    """
    if encoding := _unicode_encoding(body):
        return Decoded(body.decode(encoding, "replace").removeprefix("\ufeff"))
    with suppress(UnicodeDecodeError):
        return Decoded(body.decode("utf-8"))
    labels = _declared_encodings(body, content_type)
    encoding = _choose(body, labels)
    text, declared = body.decode(encoding, "replace"), (*labels, "utf-8")[0]
    problem = "Some bytes are invalid in its encoding." if "\ufffd" in text else None
    if encoding != declared:
        problem = f"The declared encoding is {declared}, but the bytes are {encoding}."
    return Decoded(text, problem)


def _choose(body: bytes, labels: list[str]) -> str:
    """Return the first label that decodes almost all bytes, else a guess.

    Servers call every page Latin, so the label of a Latin alphabet yields to another script.
    """
    head = body[:_EVIDENCE]
    if len(body) > _EVIDENCE:  # not within a character
        head = head[: max(map(head.rfind, (b"<", b"\n")))]
    written = b" ".join(_WRITTEN.findall(head))
    known = from_bytes(written, threshold=0.5, cp_isolation=_LATIN + _OTHER_SCRIPTS).best()
    guess = known.encoding if known and written else None
    for label in (*labels, "utf-8"):
        text = body.decode(label, "replace")
        other_count = len(text) - len(text.encode("ascii", "ignore"))
        limit = _DAMAGED if label == "utf-8" else _TOLERATED
        is_whole = len(_INVALID.findall(text)) <= limit * other_count
        if is_whole and not (guess in _OTHER_SCRIPTS and label in _LATIN):
            return label
    return guess or (*labels, "cp1252")[0]


def is_binary(body: bytes) -> bool:
    """Return whether bytes are an image, archive or other file instead of text in any encoding:
    they have control characters.
    """
    encoding = _unicode_encoding(body)
    if not encoding or encoding == "utf-8":
        text = body.rstrip(b"\0")  # some servers fill the last block
        return len(text) - len(text.translate(None, _BINARY)) > 1 + _BINARY_SHARE * len(text)
    wide = body[: 2 * _JUDGED].decode(encoding, "replace").rstrip("\0")
    wrong = sum(
        char == "\ufffd" or (ord(char) in _BINARY if char < " " else category(char) == "Cn")
        for char in wide
    )
    return wrong > 1 + _BINARY_SHARE * len(wide)


def _unicode_encoding(body: bytes) -> str | None:
    """Return the encoding that a byte order mark, or zeros in every second byte, show, or None."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    head = body[:200]
    even, odd = head[::2].count(0), head[1::2].count(0)
    return (
        ("utf-16-be" if even > odd else "utf-16-le") if abs(even - odd) > len(head) // 8 else None
    )


def _declared_encodings(body: bytes, content_type: str | None) -> list[str]:
    """Return the known codecs that header and page name, without duplicates."""
    declarations = (content_type or "").encode()[:200] + b"\0" + body[:_LOOKED_AT]
    names: dict[str, None] = {}
    for found in (label for form in _DECLARATIONS for label in form.findall(declarations)):
        with suppress(LookupError):
            codec = codecs.lookup(found.decode().lower().removeprefix("x-"))
            if codec._is_text_encoding:  # noqa: SLF001 # the standard library keeps base64 among its codecs
                names[_TAKEN_FOR.get(codec.name, codec.name)] = None
    return list(names)


def unescape(text: str) -> str:
    """Return a text with its character references resolved. An invalid number becomes U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text) if "&#" in text else text)
