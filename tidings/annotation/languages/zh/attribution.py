"""Find Chinese verbs of speech, and assign each to a name in its sentence.

A form does not count where it is a noun, is negated, or reports no content: 实践要求,
拒绝承认, 提出新的要求. A verb belongs to the subject right before it, also if an adverbial
(在…时强调) or a comma without another subject (主持会议，强调) separates them. A name that a
verb or preposition governs (会见巴赫) is no subject.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import ahocorasick_rs

from tidings.annotation.languages.statements import Attribution, Naming, Verb
from tidings.annotation.languages.zh.noun_phrases import SHOWING, People, Subjects
from tidings.annotation.languages.zh.words import LISTS, NOUN_BEFORE, RULES

MIN_CONTENT_LENGTH = 10
"""Characters that must follow a verb that reports only that a person spoke: 作出重要指示，强调…"""
WISHES = LISTS["wishes"]
"""Verbs of wishes and feelings, which need a subject in their own clause."""
_NO_VERB_BEFORE = tuple(LISTS["no_verb_before"])
_ENDS = "，。；："
_REPORTS, _SOURCES = ("报道", "报道说", "报道称"), ("据", "根据", "另据", "又据", "此外，据")
_NEAR = 48
MAX_CLAUSES = 5


class Hit(NamedTuple):
    """A form of a verb of speech in a text."""

    start: int
    end: int
    form: str


class ChineseRules:
    """The Chinese verbs of ``ref.speech_verbs``, and the nouns of works, such as "the letter"."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        by_pattern: defaultdict[str | None, set[str]] = defaultdict(set)
        for verb in verbs:
            by_pattern[verb.pattern].add(verb.form)
        self.occasions = by_pattern["occasion"]
        works = sorted(by_pattern.pop("noun", ()), key=lambda form: (-len(form), form))
        noun = f"(?:{'|'.join(works) or '(?!)'})"
        self.in_work = re.compile(rf"\A的?(?:一系列)?{noun}(?:中|里|时)?")
        by_pattern.pop("according", None)
        self._forms = sorted(set[str]().union(*by_pattern.values()))
        self._search = ahocorasick_rs.AhoCorasick(
            self._forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find_verbs(self, text: str) -> list[Hit]:
        """Return the places of forms in a text, in order."""
        return [
            Hit(start, end, self._forms[index])
            for index, start, end in self._search.find_matches_as_indexes(text)
        ]


class Sentence(Subjects):
    """The attributions of a sentence.

    ``namings`` are listed people, and pronouns and works that refer to a person; ``people`` are the
    others of the text. News sources count unless the sentence has another speaker.
    """

    def __init__(
        self, text: str, namings: Sequence[Naming], people: People, rules: ChineseRules
    ) -> None:
        super().__init__(text, people)
        self.namings, self._rules = namings, rules
        self._found: list[Attribution] = []
        self._sources: list[Attribution] = []

    @cached_property
    def _quoted(self) -> Sequence[int]:
        return _find_quoted(self.text)

    @cached_property
    def _clauses(self) -> list[int]:
        return [0, *(match.end() for match in RULES["clause_end"].finditer(self.text))]

    @cached_property
    def _subjects(self) -> list[Naming]:
        return list(filter(self.is_subject, self.namings))

    def attribute(self) -> list[Attribution]:
        """Return the attributions, one per verb and speaker."""
        hits = self._rules.find_verbs(self.text)
        if not hits and not self.text.startswith(_SOURCES):
            return []
        for hit in hits:
            if not self._quoted[hit.start] and self._is_speech(hit) and not self._is_empty(hit):
                self._assign(hit)
        return self._drop_nested(self._found or self._sources or self._find_data_source())

    def _assign(self, hit: Hit) -> None:
        start = self._clauses[self._clause_of(hit)]
        speakers = self._find_listed(hit)
        if not speakers:
            found = self._find_nearest_subjects(hit)
            speakers = [] if self._is_only_event(hit) else self.identify(found)
        rows = [Attribution(speaker, hit.form, hit.start) for speaker in speakers]
        if hit.form in _REPORTS and self.text.startswith(_SOURCES, start):
            self._sources = rows or self._sources
        else:
            self._found += rows

    def _clause_of(self, hit: Hit) -> int:
        return bisect_right(self._clauses, hit.start) - 1

    def _is_speech(self, hit: Hit) -> bool:
        after, before = self.text[hit.end : hit.end + 1], self.text[: hit.start]
        nouns = NOUN_BEFORE.get(hit.form, ())  # 实践要求
        if before.endswith((*nouns, *_NO_VERB_BEFORE)) or after in ("的", "过"):
            return False
        if hit.form == "介绍" and RULES["hearing"].search(before):
            return False
        if hit.form == "称":
            return RULES["naming"].match(self.text, hit.end) is None
        if len(hit.form) > 1 or after in ("，", "：", ",", "“"):
            return True
        return after == "。" and "”" in before  # “……。”莫罗说。

    def _is_empty(self, hit: Hit) -> bool:
        """Return whether a sentence reports that a person spoke, but not the content."""
        if RULES["no_content"].match(self.text, hit.start):
            return True
        rest = self.text[hit.end :]
        if len(rest) >= MIN_CONTENT_LENGTH:
            return False
        if hit.form == "表示":  # 表示同意
            is_open = rest[:1] in ("，", "：") or RULES["feeling"].match(rest)
            return not is_open and "”" not in self.text[: hit.start]
        return hit.form in self._rules.occasions or hit.form in ("感谢", "祝贺")

    def _is_only_event(self, hit: Hit) -> bool:
        """Return whether a form behind an unlisted speaker reports no words: 致辞, 介绍有关情况."""
        after = self.text[hit.end : hit.end + 1]
        if hit.form in self._rules.occasions:
            return after not in ("，", "：")
        if hit.form in ("报道", "预计", "预测"):
            return after != "，"
        if hit.form == "告诉":
            return RULES["listener"].match(self.text, hit.end) is None
        return hit.form == "介绍" and RULES["topic"].match(self.text, hit.end) is not None

    def _find_listed(self, hit: Hit) -> list[Naming]:
        """Return the last identified subject before a verb, and those joined to it."""
        before = [row for row in self._subjects if row.end <= hit.start]
        if not before or not self._belongs(before[-1], hit):
            return []
        return self._joined_to(before[-1], hit)

    def _joined_to(self, subject: Naming, hit: Hit) -> list[Naming]:
        """Return a subject and the names joined to it: 莫罗和勃兰特表示."""
        rows = [row for row in self.namings if row.end <= hit.start]
        place = rows.index(subject)
        gaps = (self.text[one.end : two.start] for one, two in pairwise(rows))
        joined = [*map(RULES["joined"].fullmatch, gaps)]
        first = next((at for at in range(place, 0, -1) if not joined[at - 1]), 0)
        last = next((at for at in range(place, len(joined)) if not joined[at]), len(joined))
        # not 莫罗和勃兰特会谈时表示
        is_whole = RULES["adverbs"].fullmatch(self.text[rows[last].end : hit.start])
        return rows[first : (last if is_whole else place) + 1]

    def _find_nearest_subjects(self, hit: Hit) -> list[Naming]:
        """Return the subjects of a verb in its own clause, or in the last one that has any."""
        number = self._clause_of(hit)
        start = self._clauses[number]
        if hit.form[2:] and hit.form.startswith("报道") and start == hit.start:
            return [Naming(hit.start, hit.start + 2, None, "", "unnamed")]
        if speakers := self.find_subjects(start, hit.start, hit.form):
            return speakers
        is_open = self.strip_adverbs(start, hit.start) == start
        if self._found or not start or not is_open or hit.form in WISHES:
            return []
        pairs = pairwise(self._clauses[max(number - MAX_CLAUSES, 0) : number + 1])
        openings = (self.find_opening(first, end - 1) for first, end in reversed([*pairs]))
        return next(filter(None, openings), [])

    def is_subject(self, naming: Naming) -> bool:
        """Return whether only the offices of a person precede a name in its clause."""
        before = self.text[: naming.start]
        # Limit the text: the pattern tries every division of a long list of officials.
        bare = before if len(before) <= _NEAR else f"字{before[-_NEAR:]}"
        while offices := RULES["offices"].search(bare):
            if RULES["governing"].search(offices[0]):
                return False
            bare = bare[: offices.start()]
        start = naming.start - min(len(before), _NEAR + 1) + len(bare)
        if any(start < other.end <= naming.start for other in self.namings):
            return False
        return RULES["before_name"].search(bare) is not None

    def _belongs(self, subject: Naming, hit: Hit) -> bool:
        """Return whether the words between a subject and a verb allow that they belong together."""
        gap = RULES["suffix"].sub("", self.text[subject.end : hit.start])
        if any(map(RULES["adverbs"].fullmatch, (gap, self._rules.in_work.sub("", gap)))):
            return True
        if RULES["put_forward"].match(gap):
            return False
        if "，" not in gap:
            return RULES["open_gap"].fullmatch(gap) is not None
        if not RULES["gap_tail"].fullmatch(gap, gap.rindex("，") + 1):
            return False
        between = [row for row in self.namings if subject.end <= row.start < hit.start]
        return not any(map(self.is_subject, between))

    def _find_data_source(self) -> list[Attribution]:
        """Return the issuer of the data with which a sentence begins: 据国家统计局统计."""
        source = RULES["source"].match(self.text)
        if source is None:
            return []
        start = source.start("according")
        issuers = self.find_subjects(*source.span("data"), SHOWING)
        return [Attribution(issuer, source["according"], start) for issuer in issuers]

    def identify(self, speakers: list[Naming]) -> list[Naming]:
        """Return speakers, or the listed people; none if one contains a listed name."""
        listed = {row.end: row for row in self.namings if any((row.person_id, row.name))}
        for number, speaker in enumerate(speakers):
            naming = listed.get(speaker.end)
            if naming is not None and speaker.kind == "person":
                if naming.start <= speaker.start:  # else the end of a longer name
                    speakers[number] = naming
            elif any(
                max(row.start, speaker.start) < min(row.end, speaker.end)
                and not self.text.startswith("的", row.end)
                for row in listed.values()
            ):
                return []
        return speakers

    def _drop_nested(self, attributions: list[Attribution]) -> list[Attribution]:
        """Return the attributions that no other speaker reports: 会议指出，习近平主席提出…."""
        first = next(iter(attributions), None)
        if not first or self.text[first.start + len(first.verb or "") :][:1] not in ("，", "："):
            return attributions
        return [
            row
            for row in attributions
            if row.naming.start <= first.start or "；" in self.text[: row.naming.start]
        ]

    def identity(self, naming: Naming) -> str:
        """Return the ID of a listed person, or the name of another speaker."""
        return naming.person_id or naming.name or self.text[naming.start : naming.end]


def _find_quoted(sentence: str) -> Sequence[int]:
    if "“" not in sentence and "《" not in sentence:
        return bytes(len(sentence))
    depth, inside = 0, []
    for char in sentence:
        depth -= char in "”》"
        inside.append(depth > 0)
        depth += char in "“《"
        depth = max(depth, 0)
    return inside
