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

# Labels of pages and the encodings that browsers use for them:
# https://encoding.spec.whatwg.org/#names-and-labels
_LABELS = {
    "gb18030": "gb2312 gbk x-gbk gb_2312-80",
    "big5hkscs": "big5 x-x-big5 big5-hkscs",
    "cp932": "shift_jis shift-jis x-sjis sjis windows-31j",
    "euc_jp": "x-euc-jp",
    "cp949": "euc-kr ks_c_5601-1987 ksc5601",
    "cp1252": "iso-8859-1 latin1 us-ascii ascii",
    "cp1254": "iso-8859-9",
    "cp874": "iso-8859-11 tis-620",
    "cp1251": "x-cp1251",
    "utf-8": "utf8 unicode",
}
_TAKEN_FOR = {label: encoding for encoding, labels in _LABELS.items() for label in labels.split()}
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
_SILENT = re.compile(rb"<(script|style)\b", re.IGNORECASE)
# Frequent characters of texts in each encoding.
_LOOKS = {
    "gb18030": "[的一是在不了有和人这中大为上个国我以要他时来用们生到作地"
    "于出就分对成会可主发年动同工也能下过子说"
    "产种面而方后多定行学法所民得经之进等部度家电力里如水化高自二理起小现加量都两体制机当点从业本去性好应开合还因"
    "新市政府计划月日完公布前底预项建设记者报道社会区中央发展，。、：“”]",
    "big5hkscs": "[的一是在不了有和人這中大為上個國我以要他時來用們生到"
    "作地於出就分對成會可主發年動同工也能下過子說"
    "產種面而方後多定行學法所民得經之進等部度家電力裡如水化高自二理起小現加量都兩體制機當點從業本去性好應開合還因"
    "新市政府計劃月日完公布前底預項建設記者報導社會區，。、：「」]",
    "euc_jp": "[\u3041-\u30ff、。]",
    "cp932": "[\u3041-\u30ff、。]",
    "cp949": "[이다는을에의가고하한지로기사도를은시인대서자해부정그일들과어]",
    "cp1251": "[оеаинтсрвлкмд]",
    "koi8_r": "[оеаинтсрвлкмд]",
    "cp1252": "[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u2013-\u201f\u00a0]",
}
# lead bytes of Big5, rare as characters
_RARE_SIGN = re.compile("[\xa2\xa4-\xa6\xa8\xaa\xac\xaf\xb1-\xb6\xb8-\xba\xbc-\xbe]")
_RARE_SHARE = 0.25  # share of these among non-ASCII characters from which the encoding is wrong
_WIDE = re.compile(rb"[^\s]{0,20}[\x80-\xff][^\s]{0,60}")
_EVIDENCE = 4_000  # bytes of non-ASCII words that are enough to identify the encoding
_LOOKED_AT = 4096  # bytes at the start in which a page may name its encoding; browsers look at 1024
# Control characters that texts do not contain: https://mimesniff.spec.whatwg.org/#binary-data-byte,
# without those of ISO 2022.
_BINARY = bytes((*range(9), 11, *range(16, 27), *range(28, 32)))
_BINARY_SHARE = 0.005  # of the bytes; files have about a tenth, and 4,673 real pages at most 0.0003
_JUDGED = 100_000  # characters of a page in UTF-16 in which they are counted
# share of undecodable characters up to which the label of a damaged page is accepted
_TOLERATED = 0.005


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
    fitting = (label for label in labels if _fits(body.decode(label, "replace"), label))
    encoding = next(fitting, None) or _guess(body, labels)
    text, declared = body.decode(encoding, "replace"), (*labels, "utf-8")[0]
    problem = "Some bytes are invalid in its encoding." if "\ufffd" in text else None
    if encoding != declared:
        problem = f"The declared encoding is {declared}, but the bytes are {encoding}."
    return Decoded(text, problem)


def _fits(text: str, label: str) -> bool:
    """Return whether a label decodes almost all bytes, and to letters that look right."""
    return text.count("\ufffd") <= _TOLERATED * _wide(text) and not _looks_wrong(text, label)


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
        name = found.decode().lower()
        name = _TAKEN_FOR.get(name, name)
        with suppress(LookupError):
            if codecs.lookup(name)._is_text_encoding:  # noqa: SLF001 # the standard library keeps base64 among its codecs
                names[name] = None
    return list(names)


def _wide(text: str) -> int:
    """Return how many characters are not ASCII: the only ones in which encodings differ."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _looks_wrong(text: str, label: str) -> bool:
    """Return whether a single-byte encoding, which decodes any bytes, has turned multi-byte
    characters into wrong letters.
    """
    if not label.startswith(("cp125", "iso-8859", "iso8859", "cp874", "koi8")):
        return False
    controls = len(re.findall("[\x80-\x9f]", text))
    is_latin = label in {"cp1252", "cp1254"}
    runs = sum(len(run) for run in re.findall("[\xa1-\xff]{4,}", text)) if is_latin else 0
    signs = len(_RARE_SIGN.findall(text)) if is_latin else 0
    return (
        controls > _TOLERATED * _wide(text)
        or runs > 0.5 * _wide(text)
        or signs > _RARE_SHARE * _wide(text)
    )


def _guess(body: bytes, labels: list[str]) -> str:
    """Return the encoding in which the words outside tags have the most frequent characters."""
    words = b" ".join(_WIDE.findall(_without_tags(body[:400_000])))[:_EVIDENCE]
    tried = dict.fromkeys((*labels, "utf-8", *_LOOKS))
    return max(tried, key=lambda name: _likeness(words.decode(name, "replace"), name))


def _without_tags(body: bytes) -> bytes:
    """Return a page's bytes with a space in place of each tag, and of each script and style with
    its content.
    """
    lower = body.lower()
    last = {name: lower.rfind(b"</%b>" % name) for name in (b"script", b"style")}
    pieces: list[bytes] = []
    place = 0
    while (start := body.find(b"<", place)) >= 0:
        opened = _SILENT.match(body, start)
        name = opened[1].lower() if opened else b""
        closing = lower.find(b"</%b>" % name, start) if start < last.get(name, -1) else start
        end = body.find(b">", closing) + 1
        if not end:
            break
        pieces += (body[place:start], b" ")
        place = end
    return b"".join([*pieces, body[place:]])


def _likeness(text: str, name: str) -> float:
    """Return the share of frequent characters, at most 1, minus five times the share of undecodable
    ones.
    """
    width = max(1, _wide(text))
    usual = len(re.findall(_LOOKS.get(name, "[\u00c0-\u024f\u2010-\u201f]"), text))
    return usual / width - 5 * text.count("\ufffd") / width - (1 if _looks_wrong(text, name) else 0)


def unescape(text: str) -> str:
    """Return a text with its character references resolved. An invalid number becomes U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text) if "&#" in text else text)
