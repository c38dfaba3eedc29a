"""Names of people in Chinese texts, and those of a text who are not on the list, with their
genders.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.annotation.languages.zh.heads import FOREIGN_TITLES, HEADS, LISTS, TITLES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

MAX_TITLE_LENGTH, MAX_NAME_LENGTH = 6, 24
MAX_OCCURRENCES, MAX_SEARCHES = 20, 200
"""Occurrences of a name that are read, and names that are searched, per text: the search reads the
whole text.
"""
_POINTS = frozenset("·・•")
# Words in brackets after a person's name: 周海澜（化名）.
_ATTRIBUTE = re.compile(r"[（(](?:化名|男|女|\d\d岁)")
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


class People:
    """The names of a text, and the genders that it states. ``listed`` are the names of listed
    people in the text.
    """

    def __init__(self, text: str = "", listed: Iterable[str] = ()) -> None:
        self.text = text
        self.listed = frozenset(listed)
        self.genders: dict[str, str] = {}
        self._known = dict.fromkeys(self.listed, True)
        # last parts of names, and the only name in the text that ends with it, or ""
        self._full: dict[str, str] = {}
        self._searches = 0

    def remember(self, name: str, gender: str | None) -> None:
        """Store a name, and its last part without the given names."""
        last = re.split("[·・•-]", name)[-1]
        if last != name and self._full.setdefault(last, name) != name:
            self._full[last] = ""
        for known in {name, last}:
            self._known[known] = True
            if gender:
                self.genders[known] = gender

    def complete(self, name: str) -> str:
        """Return the only full name in the text before a last name, or an empty string: 奥拉·汉森
        for 汉森.
        """
        return self._full.get(name, "") if self.knows(name) else ""

    def knows(self, name: str) -> bool:
        """Return whether the text contains a name after a title, or as the last part of a longer
        name.
        """
        if name not in self._known:
            self._known[name] = self._is_introduced(name)
        return self._known[name]

    def _is_introduced(self, name: str) -> bool:
        self._searches += 1
        titles = TITLES if is_chinese_name(name) or is_foreign_name(name) else FOREIGN_TITLES
        end = 0
        for _ in range(MAX_OCCURRENCES if self._searches <= MAX_SEARCHES else 0):
            place = self.text.find(name, end - len(name) + 1 if end else 0)
            if place < 0:
                return False
            end = place + len(name)
            is_part = self.text[max(place - 1, 0) : place] in _POINTS
            if is_part and (full := _name_before(self.text, end)):
                self.remember(full, None)
            is_titled = title_before(self.text, place) in titles
            if is_part or is_titled or _ATTRIBUTE.match(self.text, end):
                return True
        return False


def _name_before(text: str, end: int) -> str:
    """Return the name with points that ends at a place, from the title before it on; empty without
    a title.
    """
    starts = range(end - 4, max(end - MAX_NAME_LENGTH, 0), -1)
    return next(
        (
            text[start:end]
            for start in starts
            if title_before(text, start) and is_parted_name(text[start:end])
        ),
        "",
    )


def title_before(text: str, end: int, start: int = 0) -> str:
    """Return the title that ends at a place, or an empty string."""
    return longest_end(text, start, end, TITLES, MAX_TITLE_LENGTH)


def longest_end(
    text: str, start: int, end: int, words: Container[str], most: int, *, least: int = 2
) -> str:
    """Return the longest of these words with which a range of a text ends, or an empty string."""
    for length in range(min(most, end - start), least - 1, -1):
        if text[end - length : end] in words:
            return text[end - length : end]
    return ""
