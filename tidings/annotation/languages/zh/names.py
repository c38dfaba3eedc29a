"""Chinese surnames, characters that write foreign names, and the test for a person's name."""

from __future__ import annotations

import re

from tidings.annotation.languages.zh.heads import HEADS, LISTS

_SURNAMES = frozenset("".join(LISTS["surnames"]))
_COMPOUND_SURNAMES = LISTS["compound_surnames"]
SOUNDS = "".join(sorted(LISTS["sounds"]))
_FOREIGN = re.compile(rf"[{SOUNDS}]{{2,9}}")
_PARTS = re.compile(r"[\u4e00-\u9fffA-Z.-]{1,9}(?:[·・•-][\u4e00-\u9fffA-Z.-]{1,10}){1,5}")
_NO_NAME = re.compile(
    r"[的在等们是这各已将被及或不和与向对就谈访问率]|[部局委署院会办厅处][门员公]?|本人|个人|当[天日地]"
)
_HAN = re.compile(r"[\u4e00-\u9fff]{2,8}")


def is_chinese_name(text: str) -> bool:
    """Return whether a text is a surname with a given name of one or two characters."""
    rest = len(text) - (2 if text[:2] in _COMPOUND_SURNAMES else 1 if text[:1] in _SURNAMES else 9)
    return (
        1 <= rest <= 2
        and _HAN.fullmatch(text) is not None
        and text not in HEADS
        and not _NO_NAME.search(text, 1)
    )


def is_foreign_name(text: str) -> bool:
    """Return whether a text is a transliterated name: 勃兰特, 奥托·勃兰特."""
    return bool(_FOREIGN.fullmatch(text)) or is_parted_name(text)


def is_parted_name(text: str) -> bool:
    """Return whether a text is a transliterated name with points between its parts: 奥托·勃兰特."""
    return bool(_PARTS.fullmatch(text)) and not re.search("[的等们这就在对向]", text)


def can_be_name(text: str) -> bool:
    """Return whether a text after a foreign office can be a name, as a Japanese one: 石桥湛山."""
    return bool(_HAN.fullmatch(text)) and not _NO_NAME.search(text)
