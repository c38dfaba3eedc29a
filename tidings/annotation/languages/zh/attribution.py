"""Rules that assign a verb of speech to a name in a Chinese sentence.

A name at the start of a clause, preceded only by its offices, is a subject. A verb belongs to the
subject right before it, also if an adverbial of time, place, addressee or manner separates them
(在…时强调), or a comma without another subject (主持会议，强调). A name that a verb or preposition
governs (落实习近平总书记…, 会见巴赫) is not a subject.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.languages.statements import Attribution, Naming, Verb
from tidings.annotation.languages.zh.subjects import (
    SHOWING,
    find_opening,
    find_subjects,
    strip_adverbs,
)
from tidings.annotation.languages.zh.verbs import WISHES, Hit, SpeechVerbs, is_speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.annotation.languages.zh.people import People

TITLE = (
    r"(?:总书记|主席|副主席|总理|副总理|委员长|副委员长|国务委员|常委|委员|书记|部长|副部长|局长|主任|院长|行长|会长|秘书长|检察长|"
    r"外长|防长|财长|首相|副首相|总统|大使|代表|发言人|省长|市长|州长|司令员|大臣|专员|同志|先生|女士|主任委员|董事长|秘书|总干事|干事长|"
    r"议长|国王|王储|总裁|首席执行官|首席经济学家|特使|团长|组长|司长|理事长|领导人)"
)
_OFFICES = re.compile(rf"(?:[^，。；：！？,“”\s]*?{TITLE}(?:兼|、|，(?=[^，。；：]*{TITLE}$))?)+$")
# Words that govern the name after them, also across an office: 会见美国总统拜登,
# 同美国总统拜登会谈.
_GOVERNING = re.compile(
    r"^(?:同|与|和|向|给|由|受|被|把|对(?!外))|会见|宣读|陪同|致电|落实|贯彻|学习|祝贺|邀请|会晤|转达|根据|按照|感谢|听取|任命|拥护|收到|"
    r"看望|慰问|拜会|拜访|约见|接见|率领|跟随|援引|告诉|敦促|指责|批评|赞赏"
)
_SUFFIX = re.compile(rf"(?:{TITLE}|夫妇|等人?(?![^，]*陪同))+")
# Text that may occur right before a subject: the start of the sentence, punctuation, a time, or a
# conjunction.
_FREE = re.compile(
    r"(?:^|[，。；：！？、—\s“”》）)]|[日晨午晚夜年月天]|时|后|中|间|近期|近日|日前|其间|期间|随后|最后|而|但|并|同时|此前|会上|据悉|上)$"
)
_PHRASE = (
    r"(?:在|对|就|向|同|与|和|于|为|给|通过|围绕|针对|应|经|面对|代表|受|以|结合|听取|接受|主持|出席|会见|考察|深入|当|从|根据|按照|"
    r"还|也|又|再次|多次|曾|深刻|明确|特别|着重|首先|最后|并|随后|同时|专门|反复|高度|亲切|热烈|积极|均|都|进一步|"
    r"[上下]午|晚|当[天日地]|近日|日前|今天|\d)"
)
_ADVERB = re.compile(
    r"(?:还|也|又|再次|首次|多次|曾|深刻|明确|特别|着重|首先|最后|并|随后|同时|专门|反复|一再|亲切|动情地|高兴地|严肃|均|都|共同|先后|"
    r"[上下]午|晚|当[天日]|近日|日前|今天|进一步|分别|对此|此前|会后|会上|事后|早些时候|同[日时]|则|继续|再度|鲜明|发表(?:联合|视频|书面|电视)?(?:声明|讲话|谈话|演讲|文章)|[发撰]文|强烈|严厉|公开|随即|一致|郑重|庄严|由衷|衷心|热情|深情地?|对大家|对他们|语重心长地|高度|不断|就此)*"
)
_CLAUSE_END = re.compile(r"[，。；：！？…\n][”’]?")
_REPORTS, _SOURCES = ("报道", "报道说", "报道称"), ("据", "根据", "另据", "又据", "此外，据")
_SOURCE = re.compile(
    r"(?:另|又|此外，)?(?P<according>根?据)(?P<data>[^，。；：]{2,40}(?:统计|数据|消息|预测|估计|测算|报告|调查|监测|预报))，"
)
# The beginning or a word of a clause that names a news source or a time.
_NEWS_SOURCE = re.compile("据|按照|根据|正如|在|当|.*?(?:报道|消息)", re.DOTALL)
_REACH = 60
_NEAR = 48
_OPEN_GAP = re.compile(rf"(?=[\s\S]{{,{_REACH}}}$){_PHRASE}[\s\S]*")
_ADVERBIAL = re.compile(rf"[向对][^，]{{1,12}}|[在就对向][\s\S]{{0,{_REACH - 2}}}[时中上后]")
MAX_CLAUSES = 5
# A person's proposal is the subject, not the person: 习近平主席提出的倡议，回应了….
_PUT_FORWARD = re.compile(r"[^，]{0,4}(?:提出|倡导|宣布|阐述|主持|推动|擘画)的")
_JOINED = re.compile(rf"{TITLE}?(?:和|与|、|及|以及)(?:[^，。；：]{{0,16}}?{TITLE})?$")


class _Parsed(NamedTuple):
    """A sentence with the people whom it names, its quoted characters, the identified subjects of
    clauses, and the starts of clauses.
    """

    text: str
    namings: Sequence[Naming]
    people: People
    quoted: Sequence[int]
    subjects: list[Naming]
    clauses: list[int]


class ChineseRules:
    """Statement rules over the Chinese verbs of ``ref.speech_verbs``."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        self.verbs = SpeechVerbs(verbs)
        self.works = "|".join(self.verbs.works)
        self._in_work = (
            re.compile(rf"的?(?:一系列)?(?:{self.works})(?:中|里|时)?") if self.works else None
        )

    def attribute(
        self, sentence: str, namings: Sequence[Naming], people: People
    ) -> list[Attribution]:
        """Return the attributions in a sentence, one per verb and speaker.

        ``namings`` are the people of the list, and pronouns and works that refer to a person.
        ``people`` are the other people of the text.
        """
        hits = self.verbs.find(sentence)
        if not hits and not sentence.startswith(_SOURCES):
            return []
        parsed = self._parse(sentence, namings, people)
        attributions: list[Attribution] = []
        # news sources, which count unless the sentence has another speaker
        sources: list[Attribution] = []
        others: list[int] = []  # start offsets of the verbs of unknown speakers
        for hit in hits:
            if parsed.quoted[hit.start] or not self._reports(sentence, hit):
                continue
            start = parsed.clauses[bisect_right(parsed.clauses, hit.start) - 1]
            speakers = self._find_listed(parsed, hit) or self._find_others(
                parsed, hit, attributions, sources
            )
            rows = [Attribution(speaker, hit.form, hit.start) for speaker in speakers]
            if not rows:
                if self._opens_statement(sentence[start : hit.start], sentence, hit):
                    others.append(hit.start)
            elif hit.form in _REPORTS and sentence.startswith(_SOURCES, start):
                sources = rows
            else:
                attributions += rows
        found = attributions or sources or _find_data_source(sentence, parsed.people)
        return _drop_nested(sentence, found, others)

    def _parse(self, sentence: str, namings: Sequence[Naming], people: People) -> _Parsed:
        subjects = [
            row
            for row in namings
            if (row.person_id or row.name) and self.is_subject(sentence, row, namings)
        ]
        clauses = [0, *(match.end() for match in _CLAUSE_END.finditer(sentence))]
        return _Parsed(sentence, namings, people, _find_quoted(sentence), subjects, clauses)

    def _find_listed(self, parsed: _Parsed, hit: Hit) -> list[Naming]:
        """Return the identified subjects of a verb: the last one outside quotations before it, and
        those joined to it.
        """
        text, quoted = parsed.text, parsed.quoted
        before = [row for row in parsed.subjects if row.end <= hit.start and not quoted[row.start]]
        if not before or not self._belongs(text, before[-1], hit, parsed.namings):
            return []
        joined = _join(text, before[-1], parsed.subjects)
        return joined + _join_behind(text, before[-1], hit, parsed.namings)

    def _find_others(
        self,
        parsed: _Parsed,
        hit: Hit,
        attributions: Sequence[Attribution],
        sources: Sequence[Attribution],
    ) -> list[Naming]:
        """Return the subjects of a verb that are not identified; their names contain no verb:
        他称专家透露.
        """
        text = parsed.text
        unlisted = self._find_unlisted(text, parsed.clauses, hit, parsed.people, bool(attributions))
        if self.verbs.is_only_event(text, hit):
            return []
        verbs = [row.start for row in (*attributions, *sources)]
        return [
            row
            for row in identify(text, unlisted, parsed.namings)
            if not any(row.start <= verb < row.end for verb in verbs)
        ]

    def _reports(self, sentence: str, hit: Hit) -> bool:
        """Return whether a form is a verb of speech that reports words."""
        return is_speech(sentence, hit) and not self.verbs.is_empty(sentence, hit)

    def _find_unlisted(
        self, sentence: str, clauses: list[int], hit: Hit, people: People, has_speaker: bool
    ) -> list[Naming]:
        """Return the subjects of a verb in its own clause, or else in the last clause before it
        that has one.
        """
        number = bisect_right(clauses, hit.start) - 1
        start = clauses[number]
        if hit.form[2:] and hit.form.startswith("报道") and start == hit.start:
            return [Naming(hit.start, hit.start + 2, None, "", "body")]
        if speakers := find_subjects(sentence, start, hit.start, people, hit.form):
            return speakers
        is_soft = hit.form in WISHES or (hit.form == "称" and sentence[hit.start - 1] not in "并还")
        is_open = strip_adverbs(sentence, start, hit.start) == start
        if has_speaker or is_soft or not start or not is_open:
            return []
        pairs = pairwise(clauses[max(number - MAX_CLAUSES, 0) : number + 1])
        openings = (
            find_opening(sentence, first, end - 1, people) for first, end in reversed([*pairs])
        )
        return next(filter(None, openings), [])

    def is_telling(self, sentence: str) -> bool:
        """Return whether a person, listed or not, makes a statement in a sentence."""
        return any(
            sentence[hit.end : hit.end + 1] in ("，", "：")
            and is_speech(sentence, hit)
            and self._opens_statement(
                re.split(r"[，。；：]", sentence[: hit.start])[-1], sentence, hit
            )
            for hit in self.verbs.find(sentence)
        )

    def _opens_statement(self, clause: str, sentence: str, hit: Hit) -> bool:
        """Return whether an unknown speaker's verb opens a statement: 众人表示，…, but not the news
        source 据…报道说，….
        """
        is_source = _NEWS_SOURCE.match(clause) is not None
        is_open = sentence[hit.end : hit.end + 1] in ("，", "：")
        return bool(clause) and is_open and not is_source and hit.form not in self.verbs.occasions

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

    def _belongs(self, sentence: str, subject: Naming, hit: Hit, namings: Sequence[Naming]) -> bool:
        gap = sentence[subject.end : hit.start]
        gap = gap[suffix.end() :] if (suffix := _SUFFIX.match(gap)) else gap
        work = self._in_work.match(gap) if self._in_work else None
        if _ADVERB.fullmatch(gap) or (work and _ADVERB.fullmatch(gap, work.end())):
            return True
        if _PUT_FORWARD.match(gap):
            return False
        if "，" not in gap:
            return _OPEN_GAP.fullmatch(gap) is not None and not self._has_own_subject(gap)
        tail = gap.rpartition("，")[2]
        tail = tail[tail.startswith(("他", "她")) :]
        if not (_ADVERB.fullmatch(tail) or _ADVERBIAL.fullmatch(tail)):
            return False
        others = [naming for naming in namings if subject.end <= naming.start < hit.start]
        return "；" not in gap and not any(
            self.is_subject(sentence, naming, namings) for naming in others
        )

    def _has_own_subject(self, gap: str) -> bool:
        """Return whether a gap without a comma contains a clause with another subject:
        听取汇报后大家.
        """
        if re.search(r"[对向跟同与给][^，]{0,8}$", gap) and not gap.endswith(("时", "后")):
            return False  # 对大家说
        return bool(
            re.search(
                r"(?:大家|他们|代表们|双方|与会[^时]*|记者|方面|方|人士|会议|报告|负责人)$", gap
            )
        )


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
    listed = {naming.end: naming for naming in namings if (naming.person_id or naming.name)}
    places = [(row.start, row.end) for row in listed.values() if not text.startswith("的", row.end)]
    for number, speaker in enumerate(speakers):
        naming = listed.get(speaker.end)
        if naming is not None and speaker.kind == "person":
            if naming.start <= speaker.start:  # else the end of a longer name
                speakers[number] = naming
        elif any(max(start, speaker.start) < min(end, speaker.end) for start, end in places):
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
