"""Who says what in a Chinese sentence: rules over the signs between a name and a verb of speech.

A name at the head of a clause, with its offices before it, is a subject. A verb right behind it is its own, and so is one behind
where, when, to whom and how (在…时强调), or behind a comma with no other subject (主持会议，强调). What follows a name
that is governed (落实习近平总书记…, 会见巴赫) is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.attribution import Attribution, Verb, sort_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.speakers import Naming

_TITLE = (
    r"(?:总书记|主席|副主席|总理|副总理|委员长|副委员长|国务委员|常委|委员|书记|部长|副部长|局长|主任|院长|行长|会长|秘书长|检察长|"
    r"外长|首相|副首相|总统|大使|代表|发言人|省长|市长|司令员|大臣|专员|同志|先生|女士|主任委员|董事长|秘书)"
)
_OFFICES = re.compile(rf"(?:[^，。；：！？,“”\s]*?{_TITLE}(?:兼|、|，(?=[^，。；：]*{_TITLE}$))?)+$")
_SUFFIX = re.compile(rf"(?:{_TITLE}|夫妇)+")
# What may stand right before a subject: the head of the sentence, a sign, a time, or a word that joins.
_FREE = re.compile(
    r"(?:^|[，。；：！？、—\s“”》）)]|[日晨午晚夜年月天]|时|后|中|间|近期|近日|日前|其间|期间|随后|最后|而|但|并|同时|此前|会上|据悉|上)$"
)
_PHRASE = (
    r"(?:在|对|就|向|同|与|和|于|为|给|通过|围绕|针对|应|经|面对|代表|受|以|结合|听取|主持|出席|会见|考察|深入|当|从|根据|按照|"
    r"还|也|又|再次|多次|曾|深刻|明确|特别|着重|首先|最后|并|随后|同时|专门|反复|高度|亲切|热烈|积极|均|都|进一步|"
    r"[上下]午|晚|当[天日地]|近日|日前|今天|\d)"
)
_ADVERB = re.compile(
    r"(?:还|也|又|再次|多次|曾|深刻|明确|特别|着重|首先|最后|并|随后|同时|专门|反复|一再|亲切|动情地|高兴地|严肃|均|都|共同|先后|"
    r"[上下]午|晚|当[天日]|近日|日前|今天|进一步|分别|对此|郑重|庄严|由衷|衷心|热情|深情地?|对大家|对他们|语重心长地|高度|不断|就此)*"
)
_REACH = 60
_NEAR = 48
LEAST_SAID = 10
"""Signs that must follow where a verb says only that somebody spoke: 作出重要指示，强调…"""

_CARRY = re.compile(r"[，；](?:并|还|同时|随后|但|而|且|也|再次|特别|首先|最后|又)?$")
_HELD = re.compile(r"(?:的|了|过|和|与|等)?$")


class WideAttributor:
    """The verbs of Chinese made ready; finds who says something in its sentences."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        verbs = list(verbs)
        self._occasions = frozenset(verb.form for verb in verbs if verb.pattern == "occasion")
        by_kind = sort_forms(verbs)
        forms = sorted(set(by_kind["verb"]), key=lambda form: (-len(form), form))
        nouns = sorted(set(by_kind["noun"]), key=lambda form: (-len(form), form))
        self._verb = re.compile("|".join(forms)) if forms else None
        self.nouns = "|".join(nouns)
        self._made = re.compile(rf"的?(?:一系列)?(?:{self.nouns})(?:中|里|时)?") if nouns else None

    def attribute(self, sentence: str, namings: Sequence[Naming]) -> list[Attribution]:
        """Return the attributions in a sentence, one a verb; ``namings`` have offsets into the sentence, unlisted people too."""
        found: list[Attribution] = []
        if self._verb is None or not namings:
            return found
        subjects = [naming for naming in namings if self.is_subject(sentence, naming)]
        quoted = _inside_quotes(sentence)
        for hit in self._verb.finditer(sentence):
            if quoted[hit.start()] or not _is_speech(sentence, hit) or self._is_empty(sentence, hit):
                continue
            before = [naming for naming in subjects if naming.end <= hit.start() and not quoted[naming.start]]
            if before and self._belongs(sentence, before[-1], hit, namings) and before[-1].person_id:
                found.append(Attribution(before[-1], hit[0], hit.start()))
        return _drop_recounted(sentence, found)

    def _is_empty(self, sentence: str, hit: re.Match[str]) -> bool:
        """Return whether a sentence says that somebody spoke and nothing of what was said."""
        rest = sentence[hit.end() :]
        is_bare = hit[0] == "表示" and rest[:1] not in ("，", "：")  # 表示祝贺
        return (hit[0] in self._occasions or is_bare) and len(rest) < LEAST_SAID

    def is_subject(self, sentence: str, naming: Naming) -> bool:
        """Return whether a name stands where a clause has its subject, with its offices before it."""
        before = sentence[: naming.start]
        # Only what stands near: a long row of officials would be tried in every way to part it.
        bare = before if len(before) <= _NEAR else f"字{before[-_NEAR:]}"
        while (offices := _OFFICES.search(bare)) and offices[0]:
            bare = bare[: offices.start()]
        return bool(_FREE.search(bare)) or bool(_FREE.search(before))

    def _belongs(self, sentence: str, subject: Naming, hit: re.Match[str], namings: Sequence[Naming]) -> bool:
        gap = sentence[subject.end : hit.start()]
        gap = gap[suffix.end() :] if (suffix := _SUFFIX.match(gap)) else gap
        if _ADVERB.fullmatch(gap):
            return True
        if self._made and (made := self._made.match(gap)) and _ADVERB.fullmatch(gap[made.end() :]):
            return True
        head, _, tail = gap.rpartition("，")
        if not head and "，" not in gap:
            return len(gap) <= _REACH and bool(re.match(_PHRASE, gap)) and not self._has_own_subject(gap)
        if not _ADVERB.fullmatch(tail) and not self._is_adverbial(tail):
            return False
        others = [naming for naming in namings if subject.end <= naming.start < hit.start()]
        return "；" not in gap and not any(self.is_subject(sentence, naming) for naming in others)

    def _is_adverbial(self, tail: str) -> bool:
        return len(tail) <= _REACH and re.match(r"(?:在|就|对|向)", tail) is not None and tail.endswith(("时", "中", "上", "后"))

    def _has_own_subject(self, gap: str) -> bool:
        """Return whether a gap without a comma holds a clause whose subject is another: 听取汇报后大家."""
        return bool(re.search(r"(?:大家|他们|代表们|双方|与会[^时]*|记者|方面|方|人士|会议|报告|负责人)$", gap))


def _drop_recounted(sentence: str, found: list[Attribution]) -> list[Attribution]:
    """Return the attributions without what the first speaker tells of another's words: 李强表示，去年习近平主席提出…."""
    if not found or sentence[found[0].start + len(found[0].verb) :][:1] not in ("，", "："):
        return found
    first = found[0]
    return [
        one for one in found if one.naming.person_id == first.naming.person_id or "；" in sentence[first.start : one.naming.start]
    ]


def _is_speech(sentence: str, hit: re.Match[str]) -> bool:
    """Return whether a form is a verb of speech where it stands."""
    after, before = sentence[hit.end() : hit.end() + 2], sentence[: hit.start()]
    if after[:1] in ("的", "过") or before.endswith(("的", "所", "未", "不", "没有", "了", "可以", "把", "被")):
        return False
    if len(hit[0]) == 1:
        return after[:1] in ("，", "：", "，“", ",") or after[:1] == "“"
    return True


def _inside_quotes(sentence: str) -> list[bool]:
    depth, found = 0, []
    for char in sentence:
        depth -= char in "”》"
        found.append(depth > 0)
        depth += char in "“《"
        depth = max(depth, 0)
    return found
