"""Find the subject of a Chinese verb of speech: the noun phrase before the verb, its adverbs and
its adverbials.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidings.annotation.languages.statements import Naming
from tidings.annotation.languages.zh.heads import DATA, DOCUMENTS, LISTS
from tidings.annotation.languages.zh.noun_phrases import (
    MAX_PHRASE_LENGTH,
    any_of,
    find_nouns,
    has_clause,
)
from tidings.annotation.languages.zh.people import longest_end
from tidings.base.languages.words import words

if TYPE_CHECKING:
    from tidings.annotation.languages.zh.people import People

MAX_GAP = 60
MAX_ADVERB_LENGTH, MAX_TIME, MAX_DATA = 6, 16, 6
SHOWING = "显示"
"""The verb whose subject is data or a document: 国家统计局的数据显示."""
_SOURCE_VERBS = words("介绍 报道 报道称 报道说 透露 通报 披露 称 说 表示")

# A time or a conjunction before a subject.
_BEFORE = any_of(
    "[上下]午 晚间? 凌晨 早上 [今昨明]天 [今昨当]晚 当[天日] 同[一日]?天? 近日 日前 近期 此前 "
    "此后 当地时间 北京时间 但是? 而 "
    "不过 然而 另外 此外 同时 随后 对此 据悉 目前 其中 因此 所以 因为 并且 此间 其间 期间 最后 "
    "首先 其次 对于 今年 去年"
)
_DAY = r"(?:\d{2,4}年)?(?:本月|上月|\d{1,2}月)?\d{1,2}日"
_LEFT = re.compile(
    rf"(?:{_DAY}(?![本报])|\d{{1,2}}月|\d{{2,4}}年|（[^（）]{{1,12}}）|[\s，]|{_BEFORE})+"
)
_TIME = re.compile(
    rf"(?:{_DAY}(?:[上下]午|晚间?|凌晨|早[晨上]?|深夜|傍晚|中午)?|[今昨当]晚|（[^（）]{{1,12}}）|\d{{1,2}}月|\d{{2,4}}年)$"
)
_ADVERBS = LISTS["adverbs"]
# Words that begin an adverbial or a predicate after a subject.
_SPLIT = re.compile(
    any_of(
        "在 对 就 向 同 与 和 于 为 通过 围绕 针对 应 面对 会上 会后 受 以 结合 听取 接受 主持 "
        "出席 会见 会晤 考察 调研 "
        "发[表布] 发出 发文 公布 援引 引[述用] 从 根据 按照 借 利用 举行 召开 作(?!者)出? 致 "
        "回[答应复] 接见 访问 到 抵达 参加 "
        "给 召集 谈[及到] 说明 解释 总结 评价 评论 报道 批评 指责 谴责 称 今 昨 当[天日] 近日 "
        "日前 接到 首次 多次 再次 此前 曾 "
        "强调 通报 宣布 深入 前往 来到 率 陪同 结束 当选 介绍 审议 研究 部署 印发 启动 签署 下发 "
        "召见 欢迎 赞同 支持 积极评价 "
        r"批准 下令 警告 呼吁 要求 确认 证实 表示 指出 认为 敦促 赴 乘 \d 经(?!济) "
        "(?<![国会位名])代表(?=[党政中全本我大世各九农无]|致公|民[盟进革建]|台盟|工商)"
    )
)
_TOGETHER = "和与同"
_GAP_ENDS = any_of(
    "时 时候 后 中 上 里 下 间 前 际 会 致辞 发言 讲话 演讲 专访 采访 声明 消息 报告 视频 公报 "
    "公告 说明 通报 议案 文章 "
    "会[谈见晤] [文书话]"
)
_GAP_END = re.compile(rf"(?:{_GAP_ENDS})$")
_GAP_VERB = re.compile(
    any_of(
        "发[表布] 发出 公布 援引 引[述用] 接受 主持 通过 代表 作(?!者) 回[答应复] 谈 用 以 发文 "
        "针对 举行 召开 致 会见 签署 颁布 "
        "下发 印发 对 向 就"
    )
)
_OWN_SUBJECT = re.compile(
    rf"(?:{any_of('大家 他们 代表们 双方 记者 方面 人士 会议 负责人 方 的')})$"
)
_CIRCUMSTANCE = re.compile(r"[\s\S]+[上时后中]")
_ACCORDING = re.compile(r"(?:[另又]|此外)?(?:根据|据)")
_PUBLISHED = re.compile(
    any_of(
        r"今天 昨天 近日 日前 当天 发[布表] 公布 出具 的 最新 调度 监测 大数据 统计 调查 数据 "
        r"预报 实时 初步 （ \d"
    )
)


def find_subjects(text: str, start: int, end: int, people: People, verb: str = "") -> list[Naming]:
    """Return the subjects in the text between the beginning of a clause and a verb: none, one or
    several joined ones.
    """
    start = _skip_left(text, start, end)
    is_source = False
    if (according := _ACCORDING.match(text, start, end)) is not None:
        start, is_source = according.end(), True
    end = strip_adverbs(text, start, end)
    if start >= end or (is_source and verb not in _SOURCE_VERBS):
        return []
    if verb == SHOWING or text.endswith(("报告", "数据", "公报"), start, end):
        issuer = find_issuer(text, start, end, people)
        if issuer or verb == SHOWING:
            return issuer
    if found := find_nouns(text, start, end, people):
        return found
    if text[start] in "在当" and (circumstance := _CIRCUMSTANCE.match(text, start, end)):
        return find_nouns(text, circumstance.end(), end, people)
    for split in _SPLIT.finditer(text, start + 1, min(end, start + MAX_PHRASE_LENGTH)):
        before = strip_adverbs(text, start, split.start())
        if _is_gap(text[split.start() : end]) and (
            found := find_nouns(text, start, before, people)
        ):
            return found
    return []


def find_opening(text: str, start: int, end: int, people: People) -> list[Naming]:
    """Return the subject with which a clause begins, before its predicate: 国家统计局 in
    国家统计局举行发布会.
    """
    start = _skip_left(text, start, end)
    if _ACCORDING.match(text, start, end):
        return []
    for split in _SPLIT.finditer(text, start + 1, min(end, start + MAX_PHRASE_LENGTH)):
        before = strip_adverbs(text, start, split.start())
        if split[0] not in _TOGETHER and (found := find_nouns(text, start, before, people)):
            return found
    return []


def find_issuer(text: str, start: int, end: int, people: People) -> list[Naming]:
    """Return the issuer of data or a report, or else the report itself: 国家统计局 in
    国家统计局发布的数据.
    """
    last = longest_end(text, start, end, DATA, MAX_DATA)
    if not (last or text[end - 1] == "》") or end - start > MAX_GAP:
        return []
    for cut in reversed([*_PUBLISHED.finditer(text, start + 2, end)]):
        if found := find_nouns(text, start, strip_adverbs(text, start, cut.start()), people):
            return [naming for naming in found if naming.kind != "unnamed"]
    for place in range(end - len(last), start + 1, -1):
        if (found := find_nouns(text, start, place, people)) and found[0].kind == "body":
            return found
    is_document = not last or last in DOCUMENTS
    is_noun = is_document and not has_clause(text, start, end)
    return [Naming(start, end, None, "", "body")] if is_noun else []


def strip_adverbs(text: str, start: int, end: int) -> int:
    """Return the end of a range without its final adverbs and times."""
    while end > start:
        length = len(longest_end(text, start, end, _ADVERBS, MAX_ADVERB_LENGTH, least=1))
        if not length and text[end - 1] in "日午晚晨间夜早上）月年":
            time = _TIME.search(text, max(start, end - MAX_TIME), end)
            length = len(time[0]) if time else 0
        if not length:
            break
        end -= length
    return end


def _skip_left(text: str, start: int, end: int) -> int:
    """Return the start of a range without its first times and conjunctions."""
    left = _LEFT.match(text, start, end)
    return left.end() if left else start


def _is_gap(gap: str) -> bool:
    """Return whether a text between a subject and its verb is an adverbial or a predicate: 在会上,
    接受记者采访时.
    """
    if len(gap) > MAX_GAP or (gap[0] not in "对向" and _OWN_SUBJECT.search(gap)):
        return False
    return bool(_GAP_END.search(gap) or (gap[0] not in _TOGETHER and _GAP_VERB.match(gap)))
