"""Classify Chinese noun phrases that speak: 国家统计局, 有关负责人, 会议, 工会主席莫罗."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import NamedTuple

from tidings.annotation.languages.statements import Naming
from tidings.annotation.languages.zh.heads import (
    ADDRESSES,
    FOREIGN_TITLES,
    HEADS,
    HONORIFICS,
    NO_HEADS,
    ORGANISATIONS,
    PLACES,
    PLURAL,
    SIDES,
)
from tidings.annotation.languages.zh.people import (
    MAX_NAME_LENGTH,
    People,
    can_be_name,
    is_chinese_name,
    is_foreign_name,
    is_parted_name,
    longest_end,
    title_before,
)

MAX_PHRASE_LENGTH, MAX_HEAD_LENGTH = 45, 6
MAX_CLAUSE_LENGTH = 30
"""Longest phrase that keeps the words before 的."""


def any_of(forms: str) -> str:
    """Return a pattern that matches each of the forms, which spaces separate."""
    return "|".join(forms.split())


_JOINT = re.compile("、|以及|[和与及]")
_BREAK = re.compile(r"[，。；：！？…\n]|援引")
# Words at the beginning of a phrase that is not a subject.
_NO_SUBJECT = re.compile(
    any_of(
        "明确 邀请 督促 引导 帮助 促进 推进 加强 推动 随着 把 通过 针对 围绕 按照 牢记 落实 贯彻 "
        "学习 响应 遵照 不负 感谢 "
        "根据 向 用 让 包括 在 于是 由 作为 如果 虽然 尽管 即使 无论 经(?!济|合|贸|开|纪|销) "
        "为(?!民) 从(?!业) "
        "自(?![然治由贸行]) 以(?![色军方及]) 对(?!外) 使(?!馆) 当(?![地事局]) 与(?!会) 同(?!盟|"
        "济|仁|志) 将(?!军)"
    )
)
_ATTRIBUTES = ("作为", "来自", "由", "以", "与")
# Words within a phrase that make it a clause and not a noun.
_CLAUSE = re.compile(
    any_of(
        "被 了 是 曾 遭到 召见 牢记 没有 正在 会见 会晤 打击 空袭 袭击 要求 批评 指责 谴责 呼吁 "
        "敦促 宣布 表示 访问 反对 发动 "
        "导致 造成 指出 发布 发表 举行 召开 率领 出席 前往 抵达 根据 按照 认为 希望 强调 报道 "
        "介绍 来到 听取 主持 提出 获得 "
        "成为 进行 使得 以及 落实 贯彻 学习 依据 经过 通过 随着 就是 必须 需要 可以 陪同 接受 "
        "拥护 公布 把(?!握) 着(?!陆|力) "
        "透露 披露 坦言 告诉 写道 声称 宣称 扬言 "
        "已(?!故) 不(?!列颠|丹|动产|少|明|愿|具) (?<![上中少大准])将(?!军|领|士) 向(?!心) "
        "(?<!供)给 "
        "(?<![驻潜存])在(?!职|线|野|建|任|华|校) 对(?![外华台欧]) 地[对向] 令(?<!司令)(?<!席令) "
        "由(?!族) 我[国们] [还尚]未 "
        r"(?<=[委员长席理])代表(?!团|处|大会|人) \d日"
    )
)
_MANY = re.compile(
    any_of(
        "多[位名国家个方地所] 不少 许多 一些 部分 与会 参会 诸多 众多 很多 有些 多数 大多数 广大 "
        "这些 那些 有的 全体 所有 "
        "中外 双边 受访 在场 在座 业内 外界 现场 各[位国方地界级]? 有关(?:专家|人士) "
        r"[两三四五六七八九十数几\d]+(?:余|多)?[位名国家个所]"
    )
)
_ONE = re.compile(
    r"^(?:某|另一|有(?![关限色])|[这那该][位名]|该(?:官员|负责人|人士))|一[位名](?!.*们)|不愿|不具名|匿名"
)
_SINGULAR = re.compile(r"(?:负责人|发言人)$")
_FEMALE = re.compile(
    r"女士|夫人|小姐|女王|王后|公主|女(?=发言人|部长|总统|首相|总理|议员|外长|演员|教师)|（女"
)
_MALE = re.compile(r"先生|国王|亲王|王子")
# A company after the word for its kind: 评级机构穆迪.
_COMPANIES = any_of("评级机构 公司 集团 平台 银行 巨头 智库 品牌 车企 厂商 财团")
_APPOSITION = re.compile(rf"(?:{_COMPANIES})([\u4e00-\u9fff]{{2,6}})$")
_CLOSING = "”》’」』"

_EDGE = re.compile(r"\A(?:[^\w《]|_)+")

_BRACKET = re.compile(r"(?<=[\s\S]{2})（[^（]*）\Z")

_PRONOUNS = {"他": "male", "她": "female"}

_BODIES = ORGANISATIONS | PLACES | {f"{place}方" for place in PLACES}

_BODY_END = re.compile(rf"(?:[A-Za-z]{{2}}|[{''.join(SIDES)}]方)\Z")

_KINDS: dict[str, str | None] = {**HEADS, **dict.fromkeys(NO_HEADS)}


class _Noun(NamedTuple):
    """A classified noun phrase: the part that names the speaker, and its kind."""

    start: int
    end: int
    kind: str
    gender: str | None = None


def find_nouns(text: str, start: int, end: int, people: People) -> list[Naming]:
    """Return the speakers that a range of a text names: one noun phrase, or several joined ones;
    none for other text.
    """
    if not 0 < end - start <= MAX_PHRASE_LENGTH:
        return []
    parts = [] if "等" in text[start:end] else _split_joined(text, start, end, people)
    if len(parts) > 1:
        if parts[-1].kind == "person":  # 副首相、外长莫罗
            parts = [noun for noun in parts if noun.kind != "role"]
        if set(map(attrgetter("kind"), parts)) in ({"person"}, {"body"}, {"role"}):
            return [_name(noun, text, people) for noun in parts]
    noun = _classify(text, start, end, people)
    return [_name(noun, text, people)] if noun else []


def has_clause(text: str, start: int, end: int) -> bool:
    """Return whether a range of a text contains a verb or another word of a clause."""
    return _CLAUSE.search(text, start, end) is not None


def _split_joined(text: str, start: int, end: int, people: People) -> list[_Noun]:
    """Return the noun phrases joined by 和 or 、, if all are noun phrases; 文化和旅游部 is one."""
    nouns: list[_Noun] = []
    place = start
    for joint in (*_JOINT.finditer(text, start, end), None):
        if (noun := _classify(text, place, joint.start() if joint else end, people)) is not None:
            nouns.append(noun)
            place = joint.end() if joint else end
    return nouns if place == end else []


def _name(noun: _Noun, text: str, people: People) -> Naming:
    name = text[noun.start : noun.end]
    if noun.kind == "person":
        people.remember(name, noun.gender)
    full = people.complete(name) if noun.kind == "person" else ""
    return Naming(
        noun.start, noun.end, None, full, noun.kind, noun.gender or people.genders.get(name)
    )


def _classify(text: str, start: int, end: int, people: People) -> _Noun | None:
    """Return the kind of a noun phrase and the part that names the speaker; None for other text."""
    phrase = _EDGE.sub("", text[start:end])
    start = end - len(phrase)
    phrase = phrase.rstrip(" ，" if "“" in phrase else " ，”")
    end = start + len(phrase)
    if phrase in _PRONOUNS:
        return _Noun(start, end, "unnamed", _PRONOUNS[phrase])
    tail = phrase.rfind("的") + 1
    if _NO_SUBJECT.match(phrase):
        is_attribute = tail and phrase.startswith(_ATTRIBUTES)
        return _classify(text, start + tail, end, people) if is_attribute else None
    if not _is_noun(phrase, tail, people):
        return _classify(text, start, end - 1, people) if phrase[-1:] == "等" else None
    if len(phrase) > MAX_CLAUSE_LENGTH and 0 < tail < len(phrase) - 1:
        start, phrase = start + tail, phrase[tail:]
    gender = "female" if _FEMALE.search(phrase) else "male" if _MALE.search(phrase) else None
    if (found := _find_person(text, start, end, people)) is not None:
        return _Noun(*found, "person", gender)
    kind = _find_kind(phrase)
    return _Noun(start, end, kind, gender) if kind else None


def _is_noun(phrase: str, tail: int, people: People) -> bool:
    """Return whether a phrase, from its last 的 on, contains no word of a clause."""
    if phrase in HEADS:
        return True
    if (
        len(phrase) < 2
        or phrase[0] in "我你"
        or phrase[-1] in "的等时后"
        or _BREAK.search(phrase)
        or phrase.count("（") > phrase.count("）")
    ):
        return False
    has_name = phrase.startswith(("他", "她")) or any(
        phrase[:length] in people.listed for length in (2, 3, 4)
    )
    return not _CLAUSE.search(phrase, 0 if has_name else tail)  # 他对港口的工人们


def _find_kind(phrase: str) -> str | None:
    """Return the kind of a phrase without a name, by its last word and its number."""
    kind = _kind_of_head(phrase)
    is_many = _MANY.search(phrase) and not phrase.startswith(("有关", "相关"))
    is_open = "等" in phrase and not _SINGULAR.search(phrase)
    is_group = {
        "role": is_many or is_open or phrase.endswith(PLURAL),
        "body": _MANY.match(phrase) and phrase not in ORGANISATIONS,
    }
    if is_group.get(kind or ""):
        kind = "collective"
    return "unnamed" if kind and _ONE.search(phrase) else kind


def _kind_of_head(phrase: str) -> str | None:
    """Return the kind of a phrase by its last word; a name of an organisation, country or document
    is a body.
    """
    bare = _BRACKET.sub("", phrase).rstrip(_CLOSING)
    if len(bare) < 2:
        return None
    if phrase[-1] == "》" or bare in _BODIES or _BODY_END.search(bare):
        return "body"
    if (apposition := _APPOSITION.search(bare)) and is_foreign_name(apposition[1]):
        return "body"
    return _KINDS.get(longest_end(bare, 0, len(bare), _KINDS, MAX_HEAD_LENGTH, least=1))


def _find_person(text: str, start: int, end: int, people: People) -> tuple[int, int] | None:
    """Return the place of a person's name: after a title or body, before a title, or known from the
    text.
    """
    head = longest_end(text, start, end, HEADS, MAX_HEAD_LENGTH)
    if head in ADDRESSES:
        return _find_before_title(text, start, end - len(head), head, people)
    if head or text[end - 2 : end] in NO_HEADS:
        return None
    phrase = text[start:end]
    if (place := _find_after_title(text, start, end)) is not None:
        return place, end
    if is_parted_name(phrase):
        return _find_behind_body(text, start, end), end
    is_long = 3 <= len(phrase) <= MAX_CLAUSE_LENGTH and is_foreign_name(phrase)
    can_be = is_long or is_chinese_name(phrase) or can_be_name(phrase)
    is_name = can_be and phrase not in PLACES and (people.knows(phrase) or is_long)
    return (start, end) if is_name else None


def _find_behind_body(text: str, start: int, end: int) -> int:
    """Return where a name with points begins behind a body, or else the start."""
    for begin in range(start + 2, end - 2):
        if is_parted_name(text[begin:end]) and _kind_of_head(text[start:begin]) == "body":
            return begin
    return start


def _find_after_title(text: str, start: int, end: int) -> int | None:
    """Return where a name after a title begins."""
    is_abroad = text[start] != "中" and any(
        text[start : start + length] in PLACES for length in (5, 4, 3, 2, 1)
    )
    for place in range(end - 2, max(start, end - MAX_NAME_LENGTH) + 1, -1):
        if not (title := title_before(text, place - (text[place - 1] == " "), start)):
            continue
        name = text[place:end]
        is_free = is_abroad or title in FOREIGN_TITLES
        if is_chinese_name(name) or is_foreign_name(name) or (is_free and can_be_name(name)):
            return place
    return None


def _find_before_title(
    text: str, start: int, end: int, title: str, people: People
) -> tuple[int, int] | None:
    """Return the place of a name before a title: 莫罗 in 莫罗总理; 李女士 with the title."""
    name = text[start:end]
    is_honorific = title in HONORIFICS
    if "·" in name and (place := _find_after_title(text, start, end)) is not None:
        return place, end
    if is_honorific and len(name) == 1 and is_chinese_name(f"{name}明"):
        return start, end + len(title)
    if (
        (is_honorific and is_chinese_name(name))
        or (1 < len(name) <= MAX_NAME_LENGTH and people.knows(name))
        or is_parted_name(name)
    ):
        return start, end
    return _find_person(text, start, end, people) if is_honorific and len(name) > 3 else None
