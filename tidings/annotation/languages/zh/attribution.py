"""Find Chinese verbs of speech, and assign each to a name in its sentence.

A form does not count where it is a noun, is negated, or reports no content: 实践要求, 拒绝承认,
提出新的要求.

A name at the start of a clause, preceded only by its offices, is a subject. A verb belongs to the
subject right before it, also if an adverbial of time, place, addressee or manner separates them
(在…时强调), or a comma without another subject (主持会议，强调). A name that a verb or preposition
governs (落实习近平总书记…, 会见巴赫) is not a subject.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from tidings.annotation.languages.statements import Attribution, Naming, Verb
from tidings.annotation.languages.zh.subjects import (
    SHOWING,
    find_opening,
    find_subjects,
    strip_adverbs,
)
from tidings.annotation.languages.zh.words import LISTS, NOUN_BEFORE, PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.zh.noun_phrases import People

MIN_CONTENT_LENGTH = 10
"""Characters that must follow a verb that reports only that a person spoke: 作出重要指示，强调…"""
WISHES = LISTS["wishes"]
"""Verbs of wishes and feelings, which need a subject in their own clause."""
_NO_VERB_BEFORE = tuple(LISTS["no_verb_before"])
_NOUN_END = {"要求": ("", "。", "；", "、")}
_NO_CONTENT = re.compile(PATTERNS["no_content"])
_MOTION = re.compile("[^，。]{0,80}(?:议案|动议|申请|上诉|索赔)[，。；]")  # 提出关于…的议案。
_FEELING = re.compile(PATTERNS["feeling"])
_NAMING = re.compile(r"[为号其作之呼赞职霸重谓]|[^，。]{1,12}为")  # 称港口为
_LISTENER = re.compile("[^，。：“]{0,14}(?:记者|媒体|我们|[报社台网》])[，：“]")  # 告诉新华社记者，
_HEARING = re.compile(r"(?:听取|听了|聆听|观看)[^，。；]*$")
_TOPIC = re.compile("了?[^，。]{0,60}情况[，。；]")  # 介绍有关情况。
TITLE = f"(?:{PATTERNS['title']})"
_OFFICES = re.compile(rf"(?:[^，。；：！？,“”\s]*?{TITLE}(?:兼|、|，(?=[^，。；：]*{TITLE}$))?)+$")
_GOVERNING = re.compile(PATTERNS["governing"])
_SUFFIX = re.compile(rf"\A(?:{TITLE}|夫妇|等人?(?![^，]*陪同))+")
_FREE = re.compile(rf"(?:{PATTERNS['free']})$")
_ADVERBS = f"(?:{PATTERNS['adverb_before_verb']})*"
_ADVERB = re.compile(_ADVERBS)
_CLAUSE_END = re.compile(r"[，。；：！？…\n][”’]?")
_REPORTS, _SOURCES = ("报道", "报道说", "报道称"), ("据", "根据", "另据", "又据", "此外，据")
_SOURCE = re.compile(
    r"(?:另|又|此外，)?(?P<according>根?据)(?P<data>[^，。；：]{2,40}(?:统计|数据|消息|预测|估计|测算|报告|调查|监测|预报))，"
)
_NEWS_SOURCE = re.compile(PATTERNS["news_source"], re.DOTALL)
_REACH = 60
_NEAR = 48
_OPEN_GAP = re.compile(rf"(?=[\s\S]{{,{_REACH}}}$)(?:{PATTERNS['adverbial_start']})[\s\S]*")
# The last part of a gap with a comma.
_TAIL = re.compile(
    rf"[他她]?(?:{_ADVERBS}|[向对][^，]{{1,12}}|[在就对向][\s\S]{{0,{_REACH - 2}}}[时中上后])"
)
_ADDRESSEE = re.compile(r"[对向跟同与给][^，]{0,8}$")
_OWN_SUBJECT = re.compile(
    r"(?:大家|他们|代表们|双方|与会[^时]*|记者|方面|方|人士|会议|报告|负责人)$"
)
MAX_CLAUSES = 5
# A person's proposal is the subject, not the person: 习近平主席提出的倡议，回应了….
_PUT_FORWARD = re.compile(r"[^，]{0,4}(?:提出|倡导|宣布|阐述|主持|推动|擘画)的")
_JOINED = re.compile(rf"{TITLE}?(?:和|与|、|及|以及)(?:[^，。；：]{{0,16}}?{TITLE})?$")


class Hit(NamedTuple):
    """A form of a verb of speech in a text."""

    start: int
    end: int
    form: str


class _Sentence(NamedTuple):
    """A sentence with the people whom it names, its quoted characters, the identified subjects of
    clauses, and the starts of clauses.

    ``found`` are its attributions so far. ``sources`` are news sources, which count unless the
    sentence has another speaker, and ``others`` the start offsets of the verbs of unknown speakers.
    """

    text: str
    namings: Sequence[Naming]
    people: People
    quoted: Sequence[int]
    subjects: list[Naming]
    clauses: list[int]
    found: list[Attribution]
    sources: list[Attribution]
    others: list[int]

    def clause_of(self, hit: Hit) -> int:
        """Return the number of the clause with a verb."""
        return bisect_right(self.clauses, hit.start) - 1


class ChineseRules:
    """Statement rules over the Chinese verbs of ``ref.speech_verbs``."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        by_pattern: defaultdict[str | None, set[str]] = defaultdict(set)
        for verb in verbs:
            by_pattern[verb.pattern].add(verb.form)
        self._occasions = by_pattern["occasion"]
        works = by_pattern.pop("noun", set())
        self.works = "|".join(sorted(works, key=lambda form: (-len(form), form)))
        self._in_work = re.compile(rf"\A的?(?:一系列)?(?:{self.works or '(?!)'})(?:中|里|时)?")
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

    def attribute(
        self, sentence: str, namings: Sequence[Naming], people: People
    ) -> list[Attribution]:
        """Return the attributions in a sentence, one per verb and speaker.

        ``namings`` are the people of the list, and pronouns and works that refer to a person.
        ``people`` are the other people of the text.
        """
        hits = self.find_verbs(sentence)
        if not hits and not sentence.startswith(_SOURCES):
            return []
        parsed = self._parse(sentence, namings, people)
        for hit in hits:
            is_quoted = parsed.quoted[hit.start]
            if not is_quoted and _is_speech(sentence, hit) and not self._is_empty(parsed, hit):
                self._assign(parsed, hit)
        found = parsed.found or parsed.sources or _find_data_source(sentence, people)
        return _drop_nested(sentence, found, parsed.others)

    def _parse(self, sentence: str, namings: Sequence[Naming], people: People) -> _Sentence:
        subjects = [
            row for row in namings if row.is_identified and self.is_subject(sentence, row, namings)
        ]
        clauses = [0, *(match.end() for match in _CLAUSE_END.finditer(sentence))]
        quoted = _find_quoted(sentence)
        return _Sentence(sentence, namings, people, quoted, subjects, clauses, [], [], [])

    def _assign(self, parsed: _Sentence, hit: Hit) -> None:
        """Store the attributions of a verb."""
        start = parsed.clauses[parsed.clause_of(hit)]
        speakers = self._find_listed(parsed, hit) or self._find_others(parsed, hit)
        rows = [Attribution(speaker, hit.form, hit.start) for speaker in speakers]
        if not rows:
            if self._opens_statement(parsed.text[start : hit.start], parsed.text, hit):
                parsed.others.append(hit.start)
        elif hit.form in _REPORTS and parsed.text.startswith(_SOURCES, start):
            parsed.sources[:] = rows
        else:
            parsed.found.extend(rows)

    def _is_empty(self, parsed: _Sentence, hit: Hit) -> bool:
        """Return whether a sentence reports that a person spoke, but not the content."""
        rest = parsed.text[hit.end :]
        if hit.form == "提出" and (_NO_CONTENT.match(rest) or _MOTION.match(rest)):
            return True
        if len(rest) >= MIN_CONTENT_LENGTH:
            return False
        if hit.form == "表示":  # 表示同意
            is_open = rest[:1] in ("，", "：") or _FEELING.match(rest)
            return not is_open and not _is_behind_quotation(parsed.text, hit)
        return hit.form in self._occasions or hit.form in ("感谢", "祝贺")

    def _is_only_event(self, sentence: str, hit: Hit) -> bool:
        """Return whether a form after an unlisted speaker reports an event without words: 致辞,
        介绍有关情况.
        """
        after = sentence[hit.end : hit.end + 1]
        if hit.form in self._occasions:
            return after not in ("，", "：") or sentence.startswith("，并", hit.end)
        if hit.form in ("报道", "预计", "预测"):
            return after != "，"
        if hit.form == "告诉":
            return _LISTENER.match(sentence, hit.end) is None
        return hit.form == "介绍" and _TOPIC.match(sentence, hit.end) is not None

    def _find_listed(self, parsed: _Sentence, hit: Hit) -> list[Naming]:
        """Return the identified subjects of a verb: the last one outside quotations before it, and
        those joined to it.
        """
        text, quoted = parsed.text, parsed.quoted
        before = [row for row in parsed.subjects if row.end <= hit.start and not quoted[row.start]]
        if not before or not self._belongs(parsed, before[-1], hit):
            return []
        joined = _join(text, before[-1], parsed.subjects)
        return joined + _join_behind(text, before[-1], hit, parsed.namings)

    def _find_others(self, parsed: _Sentence, hit: Hit) -> list[Naming]:
        """Return the subjects of a verb that are not identified; their names contain no verb:
        他称专家透露.
        """
        unlisted = _find_unlisted(parsed, hit)
        if self._is_only_event(parsed.text, hit):
            return []
        verbs = [row.start for row in (*parsed.found, *parsed.sources)]
        return [
            row
            for row in identify(parsed.text, unlisted, parsed.namings)
            if not any(row.start <= verb < row.end for verb in verbs)
        ]

    def is_telling(self, sentence: str) -> bool:
        """Return whether a person, listed or not, makes a statement in a sentence."""
        return any(
            _is_speech(sentence, hit)
            and self._opens_statement(
                re.split(r"[，。；：]", sentence[: hit.start])[-1], sentence, hit
            )
            for hit in self.find_verbs(sentence)
        )

    def _opens_statement(self, clause: str, sentence: str, hit: Hit) -> bool:
        """Return whether an unknown speaker's verb opens a statement: 众人表示，…, but not the news
        source 据…报道说，….
        """
        is_source = _NEWS_SOURCE.match(clause) is not None
        is_open = sentence[hit.end : hit.end + 1] in ("，", "：")
        return bool(clause) and is_open and not is_source and hit.form not in self._occasions

    def is_subject(self, sentence: str, naming: Naming, namings: Sequence[Naming] = ()) -> bool:
        """Return whether a name is the subject of a clause, preceded only by the person's own
        offices.
        """
        before = sentence[: naming.start]
        # Limit the text: the pattern tries every division of a long list of officials.
        bare = before if len(before) <= _NEAR else f"字{before[-_NEAR:]}"
        if re.search(rf"{TITLE}的$", bare):
            bare = bare[:-1]  # 时任省委书记的
        while (offices := _OFFICES.search(bare)) and offices[0]:
            if _GOVERNING.search(offices[0]):
                return False
            bare = bare[: offices.start()]
        length = min(len(before), _NEAR + 1) - len(bare)
        start = naming.start - length
        if any(start < other.end <= naming.start for other in namings):
            return False
        return bool(_FREE.search(bare) or _FREE.search(before))

    def _belongs(self, parsed: _Sentence, subject: Naming, hit: Hit) -> bool:
        """Return whether a verb belongs to the subject before it, by the words between them."""
        gap = _SUFFIX.sub("", parsed.text[subject.end : hit.start])
        if any(map(_ADVERB.fullmatch, (gap, self._in_work.sub("", gap)))):
            return True
        if _PUT_FORWARD.match(gap):
            return False
        if "，" not in gap:
            return _OPEN_GAP.fullmatch(gap) is not None and not _has_own_subject(gap)
        if "；" in gap or not _TAIL.fullmatch(gap, gap.rindex("，") + 1):
            return False
        return not any(
            subject.end <= naming.start < hit.start
            and self.is_subject(parsed.text, naming, parsed.namings)
            for naming in parsed.namings
        )


def _has_own_subject(gap: str) -> bool:
    """Return whether a gap without a comma contains a clause with another subject: 听取汇报后大家,
    but not 对大家.
    """
    is_addressee = _ADDRESSEE.search(gap) and not gap.endswith(("时", "后"))
    return not is_addressee and _OWN_SUBJECT.search(gap) is not None


def _is_speech(sentence: str, hit: Hit) -> bool:
    """Return whether a form is a verb of speech in its context."""
    after, before = sentence[hit.end : hit.end + 1], sentence[: hit.start]
    if after in ("的", "过") or before.endswith(_NO_VERB_BEFORE) or _is_noun(before, hit, after):
        return False
    if hit.form == "介绍" and (after == "给" or _HEARING.search(before)):
        return False
    if hit.form == "称":
        return _NAMING.match(sentence, hit.end) is None
    is_open = len(hit.form) > 1 or after in ("，", "：", ",", "“")
    return is_open or _is_behind_quotation(sentence, hit)


def _is_noun(before: str, hit: Hit, after: str) -> bool:
    """Return whether a form is part of a noun, by the words beside it: 实践要求."""
    return before.endswith(NOUN_BEFORE.get(hit.form, ())) or after in _NOUN_END.get(hit.form, ())


def _is_behind_quotation(sentence: str, hit: Hit) -> bool:
    """Return whether a verb ends a sentence that begins with the words: “……。”莫罗说."""
    return sentence[hit.end : hit.end + 1] == "。" and "”" in sentence[: hit.start]


def _find_unlisted(parsed: _Sentence, hit: Hit) -> list[Naming]:
    """Return the subjects of a verb in its own clause, or else in the last clause before it that
    has one.
    """
    sentence, number = parsed.text, parsed.clause_of(hit)
    start = parsed.clauses[number]
    if hit.form[2:] and hit.form.startswith("报道") and start == hit.start:
        return [Naming(hit.start, hit.start + 2, None, "", "body")]
    if speakers := find_subjects(sentence, start, hit.start, parsed.people, hit.form):
        return speakers
    is_open = strip_adverbs(sentence, start, hit.start) == start
    if parsed.found or not start or not is_open or _needs_own_subject(sentence, hit):
        return []
    pairs = pairwise(parsed.clauses[max(number - MAX_CLAUSES, 0) : number + 1])
    openings = (
        find_opening(sentence, first, end - 1, parsed.people) for first, end in reversed([*pairs])
    )
    return next(filter(None, openings), [])


def _needs_own_subject(sentence: str, hit: Hit) -> bool:
    """Return whether the subject of a verb is always in the verb's clause."""
    return hit.form in WISHES or (hit.form == "称" and sentence[hit.start - 1] not in "并还")


def _find_data_source(sentence: str, people: People) -> list[Attribution]:
    """Return the issuer of the data with which a sentence begins: 据国家统计局统计."""
    source = _SOURCE.match(sentence)
    if source is None:
        return []
    start = source.start("according")
    issuers = find_subjects(sentence, *source.span("data"), people, SHOWING)
    return [Attribution(issuer, source["according"], start) for issuer in issuers]


def _join(sentence: str, subject: Naming, subjects: Sequence[Naming]) -> list[Naming]:
    """Return a subject and the subjects joined to it: 普京和托卡耶夫表示."""
    joined = [subject]
    for other in reversed([naming for naming in subjects if naming.end <= subject.start]):
        if not _JOINED.fullmatch(sentence[other.end : joined[0].start]):
            break
        joined.insert(0, other)
    return joined


def _join_behind(
    sentence: str, subject: Naming, hit: Hit, namings: Sequence[Naming]
) -> list[Naming]:
    """Return the names joined after a subject, right before the verb: 莫罗和勃兰特表示, but not in
    莫罗和勃兰特会谈时表示.
    """
    joined: list[Naming] = []
    for other in [naming for naming in namings if subject.end <= naming.start < hit.start]:
        if not _JOINED.fullmatch(sentence[(joined or [subject])[-1].end : other.start]):
            return []
        joined.append(other)
    return joined if joined and _ADVERB.fullmatch(sentence[joined[-1].end : hit.start]) else []


def identify(text: str, speakers: list[Naming], namings: Sequence[Naming]) -> list[Naming]:
    """Return speakers, with listed people in place of their names; none if one contains a listed
    name without 的.
    """
    listed = {naming.end: naming for naming in namings if naming.is_identified}
    for number, speaker in enumerate(speakers):
        naming = listed.get(speaker.end)
        if naming is not None and speaker.kind == "person":
            if naming.start <= speaker.start:  # else the end of a longer name
                speakers[number] = naming
        elif any(
            max(row.start, speaker.start) < min(row.end, speaker.end)
            and not text.startswith("的", row.end)
            for row in listed.values()
        ):
            return []
    return speakers


def _drop_nested(
    sentence: str, attributions: list[Attribution], others: Sequence[int]
) -> list[Attribution]:
    """Return the attributions without those that another speaker reports:
    会议指出，习近平主席提出….
    """
    openings = [(start, "") for start in others]
    openings += [
        (row.start, identity(sentence, row.naming))
        for row in attributions[:1]
        if sentence[row.start + len(row.verb or "") :][:1] in ("，", "：")
    ]
    return [
        row
        for row in attributions
        if not any(
            start < row.naming.start
            and identity(sentence, row.naming) != name
            and "；" not in sentence[start : row.naming.start]
            for start, name in openings
        )
    ]


def identity(text: str, naming: Naming) -> str:
    """Return the ID of a listed person, or the name of another speaker."""
    return naming.person_id or naming.name or text[naming.start : naming.end]


def _find_quoted(sentence: str) -> Sequence[int]:
    """Return, for each character, whether it is inside quotation marks."""
    if "“" not in sentence and "《" not in sentence:
        return bytes(len(sentence))
    depth, inside = 0, []
    for char in sentence:
        depth -= char in "”》"
        inside.append(depth > 0)
        depth += char in "“《"
        depth = max(depth, 0)
    return inside
