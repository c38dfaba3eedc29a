"""The people of a Chinese text who are not on the list: their names and genders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.annotation.languages.zh.heads import FOREIGN_TITLES, TITLES
from tidings.annotation.languages.zh.names import is_chinese_name, is_foreign_name, is_parted_name

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TITLE_LENGTH, MAX_NAME_LENGTH = 6, 24
MAX_OCCURRENCES, MAX_SEARCHES = 20, 200
"""Occurrences of a name that are read, and names that are searched, per text: the search reads the
whole text.
"""
# Words in brackets after a person's name: 周海澜（化名）.
_ATTRIBUTE = re.compile(r"[（(](?:化名|男|女|\d\d岁)")


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
        place = -1
        for _ in range(MAX_OCCURRENCES if self._searches <= MAX_SEARCHES else 0):
            place = self.text.find(name, place + 1)
            if place < 0:
                return False
            title = title_before(self.text, place)
            is_part = place and self.text[place - 1] in "·・•"
            if is_part and (full := _name_before(self.text, place + len(name))):
                self.remember(full, None)
            if title in titles or is_part or _ATTRIBUTE.match(self.text, place + len(name)):
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
    lengths = range(min(MAX_TITLE_LENGTH, end - start), 1, -1)
    return next(
        (text[end - length : end] for length in lengths if text[end - length : end] in TITLES), ""
    )
