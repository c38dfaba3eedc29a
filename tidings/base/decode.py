"""Decode the bytes of pages and feeds by their content if a label is wrong, and resolve character
references.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import NamedTuple
from unicodedata import category

# the encodings that browsers use for labels: https://encoding.spec.whatwg.org/#names-and-labels
_TAKEN_FOR = {
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254",
    "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
# The letters of languages without English ones, the most frequent first. Of encodings that fit
# equally well, the first is chosen.
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґўјљњћђџѓќѕ"
_CZECH = "áíěýéřžčšůúťďň áíéýčžšľťúňôďäĺŕ áéöőüóúíű čšžćđ ăîâşţ ąęłóśżćńź"
_LETTERS = {
    "cp1254": "ıüşçğöâîû",
    "cp1252": "äüöß éèàêçâôîûùëïœ óáéíñúü ãçéáíóêõâàú èàùòìé éëïèöü åäöé øæåé þðáíéæöóúý",
    "cp1250": _CZECH,
    "iso8859_2": _CZECH,
    "cp1257": "ėšųžįąčūę āīšēņžļķģčū äõüöšž",
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN,
    "cp1253": "αοιετσνηυρπκμλςίόάγέήδωχθύφβώξζψϊϋΐΰ",
    "cp1255": "יוהלאמרתבשנדעחקפםגכזטסךץצןף",
    "cp1256": "اليمنوترةبعدسفهكقحجأشطصخإىذضغئزثآءظؤپچژگک",
    "cp874": "นารกงอเมยลดวสตทะปบคหแจพชำขใไโผซถศณฟธ",
}
_LATIN = frozenset(["cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257"])
# frequent Chinese, Japanese and Korean characters, the first level of national standards: codec,
# first and last lead byte
_LEVELS = {
    "cp949": [("euc_kr", 0xB0, 0xC8)],
    "cp932": [("euc_jp", 0xA4, 0xCF)],
    "euc_jp": [("euc_jp", 0xA4, 0xCF)],
    "big5hkscs": [("big5", 0xA4, 0xC6)],
    "gb18030": [("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)],
}
_COMMON = 12  # letters with at least _COMMON_SHARE of a text
_COMMON_SHARE = 0.6
_ERROR = 5  # letters that an undecodable byte, or a sign at the end of or within a word, outweighs
_EQUAL = 0.03  # difference of shares that decides nothing
_LIKELY = 0.5  # least share of a guess
_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_STRAY = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f’”“»«…–—·®™©°\xad]")  # a sign after a letter
# what words do not contain: many other letters among English ones, and two scripts
_NO_WORD = re.compile(r"[\x80-\u024f]{4}|[A-Za-z][\u0370-\uffff]|[\u0370-\uffff][A-Za-z]")
_BOMS = {
    name: "\ufeff".encode(name)
    for name in ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
}
# the declaration of XML precedes labels
_DECLARATIONS = (
    re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{3,40})""", re.IGNORECASE),
    re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{3,40})""", re.IGNORECASE),
)
# Python does not convert numbers with more than 4,300 digits
_LONG_REFERENCE = re.compile(r"&#[0-9]{1000,}+;?")
_WRITTEN = re.compile(rb"[\x80-\xff][^<]*")  # a text between tags, from its first such letter
_EVIDENCE = 4_000  # bytes of texts in which the encoding is guessed
_INVALID = re.compile("[\x80-\x9f\ufffd]")  # controls that no text contains, and damage
_LOOKED_AT = 4096  # bytes at the start in which a page may name its encoding; browsers look at 1024
# https://mimesniff.spec.whatwg.org/#binary-data-byte, without those of ISO 2022
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

    The encoding is that of the byte order mark, else UTF-8 if valid, else a label that fits, else a
    guess. Bytes that cannot be decoded become U+FFFD.
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
    """Return the first label that decodes almost all bytes, else a guess. Servers call every page
    Latin, so the label of a Latin alphabet yields to another script.
    """
    fitting = []
    for label in (*labels, "utf-8"):
        text = body.decode(label, "replace")
        other_count = len(text) - len(text.encode("ascii", "ignore"))
        limit = _DAMAGED if label == "utf-8" else _TOLERATED
        if len(_INVALID.findall(text)) <= limit * other_count:
            fitting.append(label)
    guess = None if fitting and fitting[0] not in _LATIN else _guess(body)
    for label in fitting:
        if label not in _LATIN or guess in {None, *_LATIN}:
            return label
    return guess or (*labels, "cp1252")[0]


def _guess(body: bytes) -> str | None:
    """Return the encoding in which most letters are usual ones of a language, or None."""
    texts = (match[0] for match in _WRITTEN.finditer(body))
    written = b" ".join(islice(texts, _EVIDENCE))[:_EVIDENCE]
    shares = dict[str, float]()
    for codec in (*_LEVELS, *_LETTERS):
        shares[codec] = _usual_share(written, codec)
        if shares[codec] >= 1 - _EQUAL:
            break
    best = max(shares.values())
    likely = (codec for codec, share in shares.items() if share >= best - _EQUAL)
    return next(likely) if best >= _LIKELY else None


def _usual_share(written: bytes, codec: str) -> float:
    """Return the share, 0 to 1, of usual letters of a language among all but English ones, if bytes
    are decoded with a codec.
    """
    text = written.decode(codec, "replace")
    wrong = _ERROR * text.count("\ufffd")
    if codec not in _LEVELS:
        return max(_alphabet_shares(text, _LETTERS[codec].split(), wrong))
    counts = Counter(sign for sign in text if sign > "\x7f" and sign.isalpha())
    usual = sum(counts[sign] for sign in counts if sign in _frequent(codec))
    return usual / max(1, counts.total() + wrong)


def _alphabet_shares(text: str, languages: list[str], wrong: int) -> Iterator[float]:
    """Yield for each language the share of its letters, lower if the usual ones are rare. ``wrong``
    are the letters that undecodable bytes outweigh.
    """
    words = _WORD.findall(text)
    # words with capitals at usual places, and letters that occur together
    usual_words = (
        word
        for word in words
        if word in {word.lower(), word.title(), word.upper()} and not _NO_WORD.search(word)
    )
    letters = Counter("".join(usual_words).lower())
    wrong += _ERROR * len(_STRAY.findall(text))
    count = sum(sign > "\x7f" for sign in "".join(words)) + wrong
    for language in languages:
        common = sum(letters[sign] for sign in language[:_COMMON]) / max(1, count)
        usual = sum(letters[sign] for sign in language) / max(1, count)
        yield usual * min(1.0, common / _COMMON_SHARE)


@cache
def _frequent(codec: str) -> frozenset[str]:
    codes = (
        bytes((lead, trail)).decode(standard, "ignore")
        for standard, first, last in _LEVELS[codec]
        for lead in range(first, last + 1)
        for trail in range(0x40, 0xFF)
    )
    return frozenset(sign for sign in codes if sign > "\u3000")


def is_binary(body: bytes) -> bool:
    """Return whether bytes are no text in any encoding: they have control characters."""
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
    for encoding, mark in _BOMS.items():
        if body.startswith(mark):
            return encoding
    head = body[:200]
    excess = head[::2].count(0) - head[1::2].count(0)
    is_wide = abs(excess) > len(head) // 8
    return ("utf-16-be" if excess > 0 else "utf-16-le") if is_wide else None


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
