"""Rules that assign a verb of speech to a name in a Chinese sentence.

A name at the start of a clause, preceded only by its offices, is a subject. A verb belongs to the subject right before it, also
if an adverbial of time, place, addressee or manner separates them (在…时强调), or a comma without another subject
(主持会议，强调). A name that a verb or preposition governs (落实习近平总书记…, 会见巴赫) is not a subject.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.languages.statements import Attribution, Naming, Verb, sort_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TITLE = (
    r"(?:总书记|主席|副主席|总理|副总理|委员长|副委员长|国务委员|常委|委员|书记|部长|副部长|局长|主任|院长|行长|会长|秘书长|检察长|"
    r"外长|防长|财长|首相|副首相|总统|大使|代表|发言人|省长|市长|州长|司令员|大臣|专员|同志|先生|女士|主任委员|董事长|秘书|总干事|干事长|"
    r"议长|国王|王储|总裁|首席执行官|首席经济学家|特使|团长|组长|司长|理事长|领导人)"
)
_OFFICES = re.compile(rf"(?:[^，。；：！？,“”\s]*?{TITLE}(?:兼|、|，(?=[^，。；：]*{TITLE}$))?)+$")
# Words that govern the name after them, also across an office: 会见美国总统拜登, 同美国总统拜登会谈.
_GOVERNING = re.compile(
    r"^(?:同|与|和|向|给|由|受|被|把|对(?!外))|会见|宣读|陪同|致电|落实|贯彻|学习|祝贺|邀请|会晤|转达|根据|按照|感谢|听取|任命|拥护|收到|"
    r"看望|慰问|拜会|拜访|约见|接见|率领|跟随|援引|告诉|敦促|指责|批评|赞赏"
)
_SUFFIX = re.compile(rf"(?:{TITLE}|夫妇|等人?(?![^，]*陪同))+")
# Text that may occur right before a subject: the start of the sentence, punctuation, a time, or a conjunction.
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
_REACH = 60
_NEAR = 48
SHORTEST_CONTENT = 10
"""Characters that must follow a verb that reports only that a person spoke: 作出重要指示，强调…"""

# Prefixes after which a verb of speech is part of a noun: 实践要求, 情况介绍.
_NOUN_BEFORE = {
    "要求": ("总", "新", "高", "实践", "任务", "工作", "战略", "时代", "明确"),
    "介绍": ("情况", "汇报", "听取", "工作"),
    "希望": ("新", "充满", "带来", "注入", "一线"),
    "充分肯定": ("予以", "给予", "得到", "受到", "表示"),
    "感谢": ("表示", "的", "致以", "表达", "衷心的"),
    "祝贺": ("表示", "节日", "诚挚", "的", "致以", "表达", "致电", "来电", "热烈的"),
    "勉励": ("予以", "给予", "亲切"),
    "鼓励": ("受", "的", "巨大", "备受"),
    "批评": ("的", "受到", "遭到", "遭", "自我", "和"),
    "称": ("名", "简", "号", "职", "统", "俗", "人", "自", "据", "全"),
    "说": ("小", "学", "解", "再", "来", "据", "是", "就", "传", "可", "话", "听", "按理"),
}
# Objects of 提出 that state no content: 提出新的要求。
_NO_CONTENT = re.compile(
    r"了?(?:一系列|新的?|更高|明确|具体|重要|严格|殷切|工作|[，、])*(?:要求|任务|希望|期望|主张|倡议|问题|理念|论断)[，。；、]"
)
# A person's proposal is the subject, not the person: 习近平主席提出的倡议，回应了….
_PUT_FORWARD = re.compile(r"[^，]{0,4}(?:提出|倡导|宣布|阐述|主持|推动|擘画)的")
# Feelings that 表示 reports without a clause: 表示衷心感谢.
_FEELING = re.compile(
    r"(?:衷心|诚挚|热烈|强烈|高度|深切|由衷|坚决|亲切|最|的|崇高)*(?:感谢|祝贺|欢迎|谴责|支持|反对|赞赏|遗憾|关切|担忧|失望)"
)
_JOINED = re.compile(rf"{TITLE}?(?:和|与|、|及|以及)(?:[^，。；：]{{0,16}}?{TITLE})?$")


class ChineseRules:
    """Statement rules over the Chinese verbs of ``ref.speech_verbs``."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        verbs = list(verbs)
        self._occasions = frozenset(verb.form for verb in verbs if verb.pattern == "occasion")
        by_kind = sort_forms(verbs)
        forms = sorted(set(by_kind["verb"]), key=lambda form: (-len(form), form))
        works = sorted(set(by_kind["noun"]), key=lambda form: (-len(form), form))
        self._verb = re.compile("|".join(forms)) if forms else None
        self.works = "|".join(works)
        self._in_work = re.compile(rf"的?(?:一系列)?(?:{self.works})(?:中|里|时)?") if works else None

    def attribute(self, sentence: str, namings: Sequence[Naming]) -> list[Attribution]:
        """Return the attributions in a sentence, one per verb and speaker; ``namings`` include unlisted people."""
        attributions: list[Attribution] = []
        if self._verb is None or not namings:
            return attributions
        subjects = [naming for naming in namings if self.is_subject(sentence, naming, namings)]
        quoted = _inside_quotes(sentence)
        others: list[int] = []  # start offsets of the verbs of unlisted speakers
        for hit in self._verb.finditer(sentence):
            if quoted[hit.start()] or not _is_speech(sentence, hit) or self._is_empty(sentence, hit):
                continue
            before = [naming for naming in subjects if naming.end <= hit.start() and not quoted[naming.start]]
            if before and self._belongs(sentence, before[-1], hit, namings):
                speakers = _join(sentence, before[-1], subjects) + _join_behind(sentence, before[-1], hit, namings)
                attributions += [Attribution(speaker, hit[0], hit.start()) for speaker in speakers if speaker.person_id]
                others += [] if before[-1].person_id else [hit.start()]
            elif self._opens_statement(sentence, hit):
                others.append(hit.start())
        return _drop_reported_by_others(sentence, _drop_reported_by_first(sentence, attributions), others)

    def is_telling(self, sentence: str) -> bool:
        """Return whether a person, listed or not, makes a statement in a sentence."""
        hits = self._verb.finditer(sentence) if self._verb else ()
        return any(_is_speech(sentence, hit) and self._opens_statement(sentence, hit) for hit in hits)

    def _opens_statement(self, sentence: str, hit: re.Match[str]) -> bool:
        """Return whether an unlisted speaker's verb opens a statement: 多国人士表示，…, but not the news source 据…报道说，…."""
        clause = re.split(r"[，。；：]", sentence[: hit.start()])[-1]
        is_source = (
            re.match(r"据|按照|根据|正如", clause) or "报道" in clause or "消息" in clause or clause.startswith(("在", "当"))
        )
        return bool(clause) and not is_source and hit[0] not in self._occasions and sentence[hit.end() :][:1] in ("，", "：")

    def _is_empty(self, sentence: str, hit: re.Match[str]) -> bool:
        """Return whether a sentence reports that a person spoke, but not the content."""
        rest = sentence[hit.end() :]
        is_bare = hit[0] == "表示" and rest[:1] not in ("，", "：") and not _FEELING.match(rest)  # 表示同意
        is_bare = is_bare or hit[0] in ("感谢", "祝贺")
        has_no_content = hit[0] == "提出" and _NO_CONTENT.match(rest)
        return bool(has_no_content) or ((hit[0] in self._occasions or is_bare) and len(rest) < SHORTEST_CONTENT)

    def is_subject(self, sentence: str, naming: Naming, namings: Sequence[Naming] = ()) -> bool:
        """Return whether a name is the subject of a clause, preceded only by the person's own offices."""
        before = sentence[: naming.start]
        # Limit the text: the pattern tries every division of a long list of officials.
        bare = before if len(before) <= _NEAR else f"字{before[-_NEAR:]}"
        if re.search(rf"{TITLE}的$", bare):
            bare = bare[:-1]  # 时任省委书记的
        while (offices := _OFFICES.search(bare)) and offices[0]:
            if _GOVERNING.search(offices[0]):
                return False
            bare = bare[: offices.start()]
        office_length = len(before) - len(bare) if len(before) <= _NEAR else _NEAR + 1 - len(bare)
        if any(naming.start - office_length < other.end <= naming.start for other in namings):
            return False
        return bool(_FREE.search(bare)) or bool(_FREE.search(before))

    def _belongs(self, sentence: str, subject: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> bool:
        gap = sentence[subject.end : hit.start()]
        gap = gap[suffix.end() :] if (suffix := _SUFFIX.match(gap)) else gap
        if _ADVERB.fullmatch(gap):
            return True
        if self._in_work and (work := self._in_work.match(gap)) and _ADVERB.fullmatch(gap[work.end() :]):
            return True
        if _PUT_FORWARD.match(gap):
            return False
        head, _, tail = gap.rpartition("，")
        tail = tail[1:] if tail[:1] in ("他", "她") else tail
        if not head and "，" not in gap:
            return len(gap) <= _REACH and bool(re.match(_PHRASE, gap)) and not self._has_own_subject(gap)
        if not _ADVERB.fullmatch(tail) and not self._is_adverbial(tail):
            return False
        others = [naming for naming in namings if subject.end <= naming.start < hit.start()]
        return "；" not in gap and not any(self.is_subject(sentence, naming, namings) for naming in others)

    def _is_adverbial(self, tail: str) -> bool:
        if re.match(r"[向对][^，]{1,12}$", tail):
            return True
        return len(tail) <= _REACH and re.match(r"(?:在|就|对|向)", tail) is not None and tail.endswith(("时", "中", "上", "后"))

    def _has_own_subject(self, gap: str) -> bool:
        """Return whether a gap without a comma contains a clause with another subject: 听取汇报后大家."""
        if re.search(r"[对向跟同与给][^，]{0,8}$", gap) and not gap.endswith(("时", "后")):
            return False  # 对大家说
        return bool(re.search(r"(?:大家|他们|代表们|双方|与会[^时]*|记者|方面|方|人士|会议|报告|负责人)$", gap))


def _join(sentence: str, subject: Naming, subjects: Sequence[Naming]) -> list[Naming]:
    """Return a subject and the subjects joined to it: 普京和托卡耶夫表示."""
    joined = [subject]
    for other in reversed([naming for naming in subjects if naming.end <= subject.start]):
        if not _JOINED.fullmatch(sentence[other.end : joined[0].start]):
            break
        joined.insert(0, other)
    return joined


def _join_behind(sentence: str, subject: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> list[Naming]:
    """Return the names joined after a subject, right before the verb: 莫罗和勃兰特表示, but not in 莫罗和勃兰特会谈时表示."""
    joined: list[Naming] = []
    for other in [naming for naming in namings if subject.end <= naming.start < hit.start()]:
        if not _JOINED.fullmatch(sentence[(joined or [subject])[-1].end : other.start]):
            return []
        joined.append(other)
    return joined if joined and _ADVERB.fullmatch(sentence[joined[-1].end : hit.start()]) else []


def _drop_reported_by_others(sentence: str, attributions: list[Attribution], others: Sequence[int]) -> list[Attribution]:
    """Return the attributions without those that an unlisted speaker reports: 多国人士指出，习近平主席提出…."""
    return [
        attribution
        for attribution in attributions
        if not any(
            start < attribution.naming.start and "；" not in sentence[start : attribution.naming.start] for start in others
        )
    ]


def _drop_reported_by_first(sentence: str, attributions: list[Attribution]) -> list[Attribution]:
    """Return the attributions without those that the first speaker reports of others: 李强表示，去年习近平主席提出…."""
    if not attributions or sentence[attributions[0].start + len(attributions[0].verb) :][:1] not in ("，", "："):
        return attributions
    first = attributions[0]
    return [
        attribution
        for attribution in attributions
        if attribution.naming.person_id == first.naming.person_id
        or attribution.start == first.start
        or "；" in sentence[first.start : attribution.naming.start]
    ]


def _is_speech(sentence: str, hit: re.Match[str]) -> bool:
    """Return whether a form is a verb of speech in its context."""
    after, before = sentence[hit.end() : hit.end() + 2], sentence[: hit.start()]
    if after[:1] in ("的", "过") or before.endswith(("的", "所", "未", "不", "没有", "了", "可以", "把", "被", "拒绝")):
        return False
    if hit[0] == "介绍" and re.search(r"(?:听取|听了|聆听|观看)[^，。；]*$", before):
        return False
    if before.endswith(_NOUN_BEFORE.get(hit[0], ())) or (hit[0] == "要求" and after[:1] in "。；、"):
        return False
    if len(hit[0]) == 1:
        return after[:1] in ("，", "：", "，“", ",") or after[:1] == "“"
    return True


def _inside_quotes(sentence: str) -> list[bool]:
    """Return, for each character, whether it is inside quotation marks."""
    depth, inside = 0, []
    for char in sentence:
        depth -= char in "”》"
        inside.append(depth > 0)
        depth += char in "“《"
        depth = max(depth, 0)
    return inside
