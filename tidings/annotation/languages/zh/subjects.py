"""Find the subject of a Chinese verb of speech: the noun phrase before the verb, its adverbs and
its adverbials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.annotation.languages.statements import Naming
from tidings.annotation.languages.zh.noun_phrases import (
    MAX_PHRASE_LENGTH,
    Nouns,
    longest_end,
)
from tidings.annotation.languages.zh.words import LISTS, RULES

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

MAX_GAP = 60
MAX_ADVERB_LENGTH, MAX_TIME, MAX_DATA = 6, 16, 6
SHOWING = "显示"
"""The verb whose subject is data or a document: 国家统计局的数据显示."""

_TOGETHER = "和与同"


def _is_gap(gap: str) -> bool:
    """Return whether a text between a subject and its verb is an adverbial or a predicate: 在会上,
    接受记者采访时.
    """
    if len(gap) > MAX_GAP or (gap[0] not in "对向" and RULES["at_own_subject"].search(gap)):
        return False
    return bool(
        RULES["at_gap_end"].search(gap)
        or (gap[0] not in _TOGETHER and RULES["gap_verb"].match(gap))
    )


class Subjects(Nouns):
    """Find the subjects of the verbs of a sentence."""

    def find_subjects(self, start: int, end: int, verb: str = "") -> list[Naming]:
        """Return the subjects between the beginning of a clause and a verb: none, one or several
        joined ones.
        """
        start = self._skip_left(start, end)
        according = RULES["according"].match(self.text, start, end)
        start = according.end() if according else start
        end = self.strip_adverbs(start, end)
        if start >= end or (according and verb not in LISTS["source_verbs"]):
            return []
        if verb == SHOWING or self.text.endswith(("报告", "数据", "公报"), start, end):
            return self._find_issuer(start, end)
        return self.find_nouns(start, end) or self._find_inner(start, end)

    def _find_inner(self, start: int, end: int) -> list[Naming]:
        """Return the subjects behind a circumstance, or before an adverbial or predicate."""
        if self.text[start] in "在当" and (
            circumstance := RULES["circumstance"].match(self.text, start, end)
        ):
            return self.find_nouns(circumstance.end(), end)
        return self._find_before(start, end, lambda split: _is_gap(self.text[split.start() : end]))

    def find_opening(self, start: int, end: int) -> list[Naming]:
        """Return the subject with which a clause begins, before its predicate: 国家统计局 in
        国家统计局举行发布会.
        """
        start = self._skip_left(start, end)
        if RULES["according"].match(self.text, start, end):
            return []
        return self._find_before(start, end, lambda split: split[0] not in _TOGETHER)

    def _find_before(
        self, start: int, end: int, fits: Callable[[re.Match[str]], bool]
    ) -> list[Naming]:
        """Return the subjects before the first adverbial or predicate that fits."""
        splits = RULES["predicate_start"].finditer(
            self.text, start + 1, min(end, start + MAX_PHRASE_LENGTH)
        )
        return self._first_named(start, filter(fits, splits))

    def _first_named(self, start: int, cuts: Iterable[re.Match[str]]) -> list[Naming]:
        """Return the speakers that the text from a place to the first of these cuts that allows it
        names.
        """
        ends = (self.strip_adverbs(start, cut.start()) for cut in cuts)
        return next(filter(None, (self.find_nouns(start, end) for end in ends)), [])

    def _find_issuer(self, start: int, end: int) -> list[Naming]:
        """Return the issuer of data or a report, or else the report itself: 国家统计局 in
        国家统计局发布的数据.
        """
        last = longest_end(self.text, start, end, LISTS["data"], MAX_DATA)
        if not last and self.text[end - 1] != "》":
            return []
        if found := self._find_named_issuer(start, end, end - len(last)):
            return [naming for naming in found if naming.kind != "unnamed"]
        is_noun = last in LISTS["documents"] and not self.has_clause(start, end)
        return [Naming(start, end, None, "", "body")] if is_noun else []

    def _find_named_issuer(self, start: int, end: int, noun: int) -> list[Naming]:
        """Return the issuer before a word of publishing, or a body before the noun of the data."""
        cuts = reversed([*RULES["published"].finditer(self.text, start + 2, end)])
        if found := self._first_named(start, cuts):
            return found
        places = range(noun, start + 1, -1)
        bodies = (self.find_nouns(start, place) for place in places)
        return next((found for found in bodies if found and found[0].kind == "body"), [])

    def strip_adverbs(self, start: int, end: int) -> int:
        """Return the end of a range without its final adverbs and times."""
        while end > start:
            length = len(
                longest_end(self.text, start, end, LISTS["adverbs"], MAX_ADVERB_LENGTH, least=1)
            )
            if not length and self.text[end - 1] in "日午晚晨间夜早上）月年":
                time = RULES["closing_time"].search(self.text, max(start, end - MAX_TIME), end)
                length = len(time[0]) if time else 0
            if not length:
                break
            end -= length
        return end

    def _skip_left(self, start: int, end: int) -> int:
        """Return the start of a range without its first times and conjunctions."""
        left = RULES["opening_times"].match(self.text, start, end)
        return left.end() if left else start
