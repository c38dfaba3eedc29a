"""The text of a feed's bytes: declared encodings tried strictly, then the one in which the bytes make sense."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What the web means by these names is their superset: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "shift_jis": "cp932", "x-sjis": "cp932", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8", "iso-8859-9": "cp1254", "windows-31j": "cp932", "utf-16": "utf-16",
    "tis-620": "cp874",
}  # fmt: skip
# The rows of each character set that hold its frequent characters: level 1 of GB 2312, Big5, KS X 1001 and JIS X 0208.
_FREQUENT = {
    "cp949": ((0xB0, 0xC8),),  # first: Korean looks like frequent Chinese, and hardly any Chinese like Korean
    "gb18030": ((0xB0, 0xD7),),
    "big5hkscs": ((0xA4, 0xC6),),
    "cp932": ((0x82, 0x83), (0x88, 0x97)),
    "euc_jp": ((0xA4, 0xA5), (0xB0, 0xCF)),
}
_MAY_BE_BROKEN_SHARE = 0.02


def decode_feed(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """Return a feed's text, and what was wrong with its declared encoding as a sentence, or None when nothing was.

    A byte-order mark counts first, then the XML declaration and the server's charset, each only if every byte fits. Bytes
    that fit no declaration are read in the East Asian or Western encoding whose frequent characters they hold.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), None
    if body[:4] in (b"<\0?\0", b"<\0r\0", b"<\0f\0"):
        return body.decode("utf-16-le", "replace"), None
    if body[:4] in (b"\0<\0?", b"\0<\0r", b"\0<\0f"):
        return body.decode("utf-16-be", "replace"), None
    declared = _names(body, content_type)
    for name in [*declared, "utf-8"]:
        text = _decode(body, name)
        if text is not None:
            is_told = name in declared or not declared
            return text, None if is_told else f"It says that it is {declared[0]} and is {name}."
    said = declared[0] if declared else "utf-8"
    almost = body.decode("utf-8", "replace")
    high_count = sum(not char.isascii() for char in almost)
    if almost.count("\ufffd") <= _MAY_BE_BROKEN_SHARE * high_count:
        return almost, "Some bytes are no characters of its encoding."
    name = guess_encoding(body)
    return body.decode(name, "replace"), f"It says that it is {said} and is {name}."


def guess_encoding(body: bytes) -> str:
    """Return the legacy encoding in which the bytes hold most frequent characters; cp1252 when none fits."""
    high = bytes(body)[:400_000]
    pairs = re.findall(rb"[\x80-\xff]+[\x30-\xff]?", high)
    run = b" ".join(pairs)
    if not pairs or sum(map(len, pairs)) < 2.2 * len(pairs):
        return "cp1252"  # lone letters between others: a Western text
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


def _names(body: bytes, content_type: str | None) -> list[str]:
    found = _DECLARED.search(body[:1024])
    told = _CHARSET.search(content_type or "")
    raw = [found[1].decode("ascii").lower()] if found else []
    raw += [told[1].lower()] if told else []
    return list(dict.fromkeys(_SUPERSETS.get(name, name) for name in raw))


def _decode(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None
