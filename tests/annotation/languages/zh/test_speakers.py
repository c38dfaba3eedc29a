"""Speakers of Chinese texts outside the list, one test for each kind of speaker and sentence."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tests.annotation.speech import DAY, PEOPLE, shipped_posts, shipped_verbs, show
from tests.cases import cases, table
from tidings.annotation.languages.zh.noun_phrases import (
    can_be_name,
    is_chinese_name,
    is_foreign_name,
)
from tidings.annotation.posts import Speaker
from tidings.annotation.statements import StatementFinder

if TYPE_CHECKING:
    from tidings.annotation.languages.statements import Statement

FINDER = StatementFinder(PEOPLE, shipped_verbs())


def statements(text: str) -> list[Statement]:
    """Return the statements of a Chinese text."""
    return FINDER.find(text, "zh", DAY)


def speakers(text: str) -> list[tuple[str, str]]:
    """Return the speakers of a text with their kinds."""
    return [(row.speaker_name, row.speaker_kind) for row in statements(text)]


@cases(
    "text, name",
    ("港务部总工程师周海澜表示，港口要开放。", "周海澜"),
    ("日本首相石桥湛山说，港口要开放。", "石桥湛山"),
    ("英国国务卿鲁比特4日晚称，港口要开放。", "鲁比特"),
    ("挪威大使奥拉·汉森在接受记者采访时表示，港口要开放。", "奥拉·汉森"),
    ("外长谢尔盖·罗曼诺夫就港口问题表示，港口要开放。", "谢尔盖·罗曼诺夫"),
    ("丹麦国王马格努斯三世宣布，港口要开放。", "马格努斯三世"),
    ("喜欢港口的周海澜先生表示，港口要开放。", "周海澜"),
    ("扎哈罗维奇指出，港口要开放。", "扎哈罗维奇"),
    ("渔民欧阳海说，港口要开放。", "欧阳海"),
    ("周海澜教授认为，港口要开放。", "周海澜"),
    ("港务局副局长 周海澜：我们要让港口保持开放。", "周海澜"),
    ("港口公司总裁周海澜主持发布会，介绍港口怎样保持开放。", "周海澜"),
    ("副首相、外长汉森表示，港口要开放。", "汉森"),
    ("北方大学教授、博士生导师周海澜在接受采访时说，港口要开放。", "周海澜"),
    ("挪威大使奥拉·汉森女士说，港口要开放。", "奥拉·汉森"),
)
def test_people_outside_the_list(text: str, name: str) -> None:
    """A name after an office, body or occupation is a person without ID, without the office."""
    (row,) = statements(text)
    found = (row.speaker_name, row.speaker_kind, row.person_id, row.office)
    assert found == (name, "person", None, None)
    assert text[row.speaker_start : row.speaker_end] == name


@table("""
    text | said
    # A body, an office without a name, a group and an unknown person each have a statement of
    # their kind.
    港务部今天（9月4日）宣布，港口要开放。 | 港务部: body
    文化和海洋部表示，港口要开放。 | 文化和海洋部: body
    港务局官方微博也称，港口要开放。 | 港务局官方微博: body
    现在又有港务局表示，港口要开放。 | 港务局: body
    北方海运公司发布声明称，港口要开放。 | 北方海运公司: body
    丹麦要求各方开放港口。 | 丹麦: body
    丹方强调，港口要开放。 | 丹方: body
    《港口意见》提出，港口要开放。 | 《港口意见》: unnamed
    港务局下发的通知要求，港口要开放。 | 港务局: body
    港务局发布的最新数据显示，港口开放了十年。 | 港务局: body
    据港务局统计，港口开放了十年。 | 港务局: body
    据港务局介绍，港口开放了十年。 | 港务局: body
    据北方通讯社报道，港口开放了十年。 | 北方通讯社: body
    报道称，港口要开放。 | 报道: unnamed
    港务部新闻发言人表示，港口要开放。 | 港务部新闻发言人: role
    有关负责人介绍，港口要开放。 | 有关负责人: role
    挪威外长4日表示，港口要开放。 | 挪威外长: role
    报告作者写道，港口要开放。 | 报告作者: role
    总理莫罗的发言人表示，港口要开放。 | 总理莫罗的发言人: role
    莫罗的一位助手说，港口要开放。 | 莫罗的一位助手: unnamed
    会议强调，港口要开放。 | 会议: collective
    气象部门表示，港口要开放。 | 气象部门: collective
    法国气象部门表示，港口要开放。 | 法国气象部门: body
    渔民会与船员会国际联合会表示，港口要开放。 | 渔民会与船员会国际联合会: body
    与会嘉宾一致认为，港口要开放。 | 与会嘉宾: collective
    多国官员表示，港口要开放。 | 多国官员: collective
    参加罢工的渔民说，港口要开放。 | 参加罢工的渔民: collective
    双方强调，港口要开放。 | 双方: collective
    一位不愿透露姓名的官员表示，港口要开放。 | 一位不愿透露姓名的官员: unnamed
    有专家认为，港口要开放。 | 有专家: unnamed
    她说，港口要开放。 | 她: unnamed
    # Joined speakers each have a statement, an organ with the country of the first; a news
    # source and a speaker within a statement have none.
    港务局和海洋局表示，港口要开放。 | 港务局: body; 海洋局: body
    美国国务院和国防部表示，港口要开放。 | 美国国务院: body; 美国国防部: body
    挪威外长汉森和丹麦外长尼尔森均表示，港口要开放。 | 汉森: person; 尼尔森: person
    港务局表示，港口要开放；渔民认为，船只很旧。 | 港务局: body; 渔民: collective
    据北方通讯社报道，挪威外长汉森表示，港口要开放。 | 汉森: person
    港务局表示，渔民希望港口保持开放。 | 港务局: body
    港务局召开会议，邀请渔民参加，要求各地开放港口。 | 港务局: body
    # Headings, denials, passives, nouns, names of things and speakers in the first person have
    # no statement.
    港务局要求开放港口 | -
    港务局没有回应，渔民在等。 | -
    港务局拒绝承认，港口已经关闭。 | -
    渔民被要求离开港口，船只很旧。 | -
    圈里人大都认为，港口要开放。 | -
    渔民会对周海澜诉说，船只很旧。 | -
    对渔民提出的要求，各地加快落实。 | -
    新时代要求，港口要开放。 | -
    港口被称为北方的大门，船只很多。 | -
    数据显示，港口开放了十年。 | -
    据介绍，港口开放了十年。 | -
    我和汉森总统宣布，港口开放。 | -
    渔民牢记总书记嘱托，保护港口。 | -
    港务局对一份要求开放港口的草案进行表决。 | -
    记者表示，港口要开放。 | -
    港务局介绍有关情况。 | -
    港务局局长周海澜致辞。 | -
    1.港务局表示，港口要开放； 2.渔民认为，船只很旧。 | -
""")
def test_kinds_of_speakers(text: str, said: str) -> None:
    """A speaker has a statement of its kind, as the comments above the sentences state."""
    assert show(speakers(text)) == said


@cases(
    "text, names",
    ("港务局局长周海澜到港口考察。他指出，港口要开放。", ["周海澜"]),
    ("港务局局长周海澜女士表示，港口要开放。她说，船只要安全。", ["周海澜", "周海澜"]),
    ("港务局局长周海澜女士表示，港口要开放。他说，船只要安全。", ["周海澜", "他"]),
    ("总理莫罗会见挪威外长汉森。\n\n汉森表示，港口要开放。", ["汉森"]),
    ("港务局局长周海澜表示，港口要开放。\n\n他说，船只要安全。", ["周海澜", "周海澜"]),
    ("渔民周海澜很高兴。“港口开放了。”周海澜说，“我们在等。”", ["周海澜"]),
    ("总理莫罗表示，港口要开放。中方赞赏挪威的努力。", ["莫罗"]),
    ("挪威大使奥拉·汉森表示，港口要开放。汉森说，船只要安全。", ["奥拉·汉森", "奥拉·汉森"]),
    ("莫罗会见挪威大使奥拉·汉森。\n\n汉森说，船只要安全。", ["奥拉·汉森"]),
    (
        "大使奥拉·汉森说，港口要开放。船长英加·汉森说，船只很旧。汉森说，船只要安全。",
        ["奥拉·汉森", "英加·汉森", "汉森"],
    ),
)
def test_names_are_remembered(text: str, names: list[str]) -> None:
    """A name, a pronoun of the same gender and a quotation alone refer to a person named before."""
    assert [row.speaker_name for row in statements(text)] == names


def test_gender() -> None:
    """The gender comes from a title or a pronoun."""
    text = "港务局局长周海澜女士表示，港口要开放。渔民欧阳海说，船只很旧。他认为，港口太小。"
    assert [row.speaker_gender for row in statements(text)] == ["female", None, "male"]


@cases(
    "text",
    '港务局局长周海澜说:"港口要开放,船只要安全。"',
    "港务局局长周海澜说:“港口要开放。”",
    "港务局局长周海澜说：“港口要开放。”",
    '"港口要开放!"港务局局长周海澜说。',
    "船只很旧;港务局局长周海澜说,港口要开放.",
)
def test_ascii_marks(text: str) -> None:
    """Chinese marks and ASCII ones have the same effect."""
    assert [(row.speaker_name, row.verb) for row in statements(text)] == [("周海澜", "说")]


def test_names() -> None:
    """Chinese, transliterated and other names differ from common words."""
    assert is_chinese_name("周海澜")
    assert is_chinese_name("欧阳海")
    assert not any(is_chinese_name(word) for word in ("周", "海澜", "王储们", "方面"))
    assert is_foreign_name("奥拉·汉森")
    assert not is_foreign_name("港务局")
    assert can_be_name("石桥湛山")
    assert not can_be_name("会谈中")


def minister(person_id: str, name: str, country: str, gender: str) -> Speaker:
    """Return a listed foreign minister."""
    day = dt.date(2020, 1, 1)
    return Speaker(
        person_id, "zh", name, None, "外长", None, day, None, country, "foreign_minister", gender
    )


@cases(
    "text, people",
    ("挪威外长表示，港口要开放。", ["hansen"]),
    ("挪威外长汉森表示，港口要开放。汉森说，船只要安全。", ["hansen", "hansen"]),
    ("丹麦官员汉森表示，港口要开放。汉森说，船只要安全。", [None, None]),
    ("冰岛外长表示，港口要开放。", [None]),
    ("挪威外长汉森到港口考察。她指出，港口要开放。", ["hansen"]),
    ("挪威外长汉森到港口考察。他指出，港口要开放。", [None]),
)
def test_offices_countries_and_genders(text: str, people: list[str | None]) -> None:
    """An office refers to its holder; another country or gender excludes a listed person."""
    listed = (
        minister("hansen", "汉森", "NO", "female"),
        minister("nielsen", "尼尔森", "DK", "male"),
    )
    finder = StatementFinder(listed, shipped_verbs(), shipped_posts(listed))
    assert [row.person_id for row in finder.find(text, "zh", DAY)] == people
