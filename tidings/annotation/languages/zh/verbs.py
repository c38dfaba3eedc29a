"""Find Chinese verbs of speech, except where they are nouns, negated, or report no content:
实践要求,
拒绝承认, 提出新的要求.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs

from tidings.annotation.languages.statements import Verb, sort_forms
from tidings.base.languages.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_CONTENT_LENGTH = 10
"""Characters that must follow a verb that reports only that a person spoke: 作出重要指示，强调…"""
WISHES = words("期待 希望 相信 鼓励 预计 感谢 祝贺 赞赏 祝愿")
"""Verbs of wishes and feelings, which need a subject in their own clause."""
_NO_VERB_BEFORE = tuple(
    words("的 所 未 不 无 没有 了 可以 把 被 拒绝 一份 一项 这项 该项 旨在 是否 无法 不能")
)
# Prefixes after which a verb of speech is part of a noun: 实践要求, 情况介绍.
_NOUN_END = {"要求": ("", "。", "；", "、")}
_NOUN_BEFORE = {
    "要求": ("总", "新", "高", "实践", "任务", "工作", "战略", "时代", "明确"),
    "介绍": ("情况", "汇报", "听取", "工作"),
    "希望": ("新", "充满", "带来", "注入", "一线"),
    "充分肯定": ("予以", "给予", "得到", "受到", "表示"),
    "感谢": ("表示", "的", "致以", "表达", "衷心的"),
    "祝贺": ("表示", "节日", "诚挚", "的", "致以", "表达", "致电", "致信", "来电", "热烈的"),
    "建议": ("意见", "的", "工作"),
    "回应": ("作出", "做出", "得到", "积极", "热烈"),
    "指控": ("刑事", "项", "的"),
    "勉励": ("予以", "给予", "亲切"),
    "鼓励": ("受", "的", "巨大", "备受"),
    "批评": ("的", "受到", "遭到", "遭", "自我", "和"),
    "称": ("名", "简", "号", "职", "统", "俗", "人", "自", "全", "，据", "。据"),
    "说": ("小", "学", "解", "再", "来", "据", "是", "就", "传", "可", "话", "听", "按理"),
}
# Objects of 提出 that state no content: 提出新的要求。
_NO_CONTENT = re.compile(
    r"了?(?:一系列|以下|[几两三四五六七八九十]点|新的?|更高|明确|具体|重要|严格|殷切|工作|[，、])*"
    r"(?:要求|任务|希望|期望|主张|倡议|问题|理念|论断|建议|意见|意见建议|工作建议)[，。；、]"
)
_MOTION = re.compile("[^，。]{0,80}(?:议案|动议|申请|上诉|索赔)[，。；]")  # 提出关于…的议案。
# Feelings that 表示 reports without a clause: 表示衷心感谢.
_FEELING = re.compile(
    r"(?:衷心|诚挚|热烈|强烈|高度|深切|由衷|坚决|亲切|最|的|崇高)*"
    r"(?:感谢|祝贺|欢迎|谴责|支持|反对|赞赏|遗憾|关切|担忧|失望|抗议|震惊|愤慨|不满)"
)
_NAMING = re.compile(r"[为号其作之呼赞职霸重谓]|[^，。]{1,12}为")  # 称港口为
_LISTENER = re.compile("[^，。：“]{0,14}(?:记者|媒体|我们|[报社台网》])[，：“]")  # 告诉新华社记者，
_TOPIC = re.compile("了?[^，。]{0,60}情况[，。；]")  # 介绍有关情况。


class Hit(NamedTuple):
    """A form of a verb of speech in a text."""

    start: int
    end: int
    form: str


class SpeechVerbs:
    """The Chinese verbs of ``ref.speech_verbs``."""

    def __init__(self, verbs: Iterable[Verb]) -> None:
        verbs = list(verbs)
        by_kind = sort_forms(verbs)
        self.occasions = frozenset(verb.form for verb in verbs if verb.pattern == "occasion")
        self.works = sorted(set(by_kind["noun"]), key=lambda form: (-len(form), form))
        self._forms = sorted(set(by_kind["verb"]))
        self._search = ahocorasick_rs.AhoCorasick(
            self._forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find(self, text: str) -> list[Hit]:
        """Return the places of forms in a text, in order."""
        return [
            Hit(start, end, self._forms[index])
            for index, start, end in self._search.find_matches_as_indexes(text)
        ]

    def is_empty(self, sentence: str, hit: Hit) -> bool:
        """Return whether a sentence reports that a person spoke, but not the content."""
        rest = sentence[hit.end :]
        # 表示同意
        is_bare = hit.form == "表示" and rest[:1] not in ("，", "：") and not _FEELING.match(rest)
        is_bare = (is_bare and not is_behind_quotation(sentence, hit)) or hit.form in (
            "感谢",
            "祝贺",
        )
        has_no_content = hit.form == "提出" and (_NO_CONTENT.match(rest) or _MOTION.match(rest))
        return bool(has_no_content) or (
            (hit.form in self.occasions or is_bare) and len(rest) < MIN_CONTENT_LENGTH
        )

    def is_only_event(self, sentence: str, hit: Hit) -> bool:
        """Return whether a form after an unlisted speaker reports an event without words: 致辞,
        介绍有关情况.
        """
        after = sentence[hit.end : hit.end + 1]
        if hit.form in self.occasions:
            return after not in ("，", "：") or sentence.startswith("，并", hit.end)
        if hit.form in ("报道", "预计", "预测"):
            return after != "，"
        if hit.form == "告诉":
            return _LISTENER.match(sentence, hit.end) is None
        return hit.form == "介绍" and _TOPIC.match(sentence, hit.end) is not None


def is_speech(sentence: str, hit: Hit) -> bool:
    """Return whether a form is a verb of speech in its context."""
    after, before = sentence[hit.end : hit.end + 1], sentence[: hit.start]
    if after in ("的", "过") or before.endswith(_NO_VERB_BEFORE):
        return False
    if hit.form == "介绍" and (
        after == "给" or re.search(r"(?:听取|听了|聆听|观看)[^，。；]*$", before)
    ):
        return False
    if before.endswith(_NOUN_BEFORE.get(hit.form, ())) or after in _NOUN_END.get(hit.form, ()):
        return False
    if hit.form == "称":
        return _NAMING.match(sentence, hit.end) is None
    return (
        len(hit.form) > 1 or after in ("，", "：", ",", "“") or is_behind_quotation(sentence, hit)
    )


def is_behind_quotation(sentence: str, hit: Hit) -> bool:
    """Return whether a verb ends a sentence that begins with the words: “……。”莫罗说."""
    return sentence[hit.end : hit.end + 1] == "。" and "”" in sentence[: hit.start]
