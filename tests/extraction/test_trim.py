"""Removal of lines above and below an article's text."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from tests.cases import cases
from tidings.extraction.text import Block
from tidings.extraction.trim import trim

TITLE = "The canal grows wider"
TEXT = tuple(
    Block("p", f"In year {n} of the works the council counted {n * 7} ships in the harbour and"
          " asked who would pay for them.", 0.0)
    for n in range(6, 12)
)  # fmt: skip


def remaining(*lines: str | Block, at: int = 0, kind: str = "p", linked: float = 0.0) -> list[str]:
    """Return the lines that are not removed from a place in a text: 0 is above it, 6 below."""
    blocks = [line if isinstance(line, Block) else Block(kind, line, linked) for line in lines]
    left = trim([*TEXT[:at], *blocks, *TEXT[at:]], TITLE, ["Ann Lee", "2 May 2024"])
    assert [block for block in left if block in TEXT] == list(TEXT)
    return [block.text for block in left if block not in TEXT]


REMOVED = [
    "The canal grows wider",
    "The canal grows wider: a report",  # the title with a little more
    "The canal grows",  # the title cut short
    "By Ann Lee",
    "Ann Lee, Lindmar",
    "By Otto Stein",
    "By Otto Stein and Maria Lindqvist",
    "3 May 2024",
    "Updated 3 May 2024, 14:07",
    "Follow us on Facebook and subscribe to our newsletter",
    "Photo: Otto Stein",
    # in scripts without spaces
    "2024年5月3日 19:30 来源：河口日报",
    "来源：河口日报 更新时间：2024年05月03日 19:00",
    "发布时间：2024年5月3日 作者：河口市人民政府新闻办公室",
    "2024年5月3日发布",
    "2024年5月3日（金） 河口新聞",
    "3/5/2024 เวลา 10:30",
    "ວັນທີ 3/5/2024",
    "ថ្ងៃទី 3/5/2024",
]
HEADLINES = [
    "新桥将于9月2日在河口市开放",
    "港口扩建计划延长至2025年12月31日",
    "议会今晚19:30讨论新桥",
    "新しい橋は9月2日から通行できる",
    "สะพานใหม่จะเปิดให้ประชาชนใช้ในวันที่ 2/9/2024 หลังสร้างนานสามปี",
    "ຂົວໃໝ່ຈະເປີດໃຫ້ປະຊາຊົນໃຊ້ໃນວັນທີ 2/9/2024 ຫຼັງຈາກກໍ່ສ້າງສາມປີ",
    "ស្ពានថ្មីនឹងបើកឱ្យប្រជាជនធ្វើដំណើរនៅថ្ងៃទី 2/9/2024 ក្រោយសាងសង់បីឆ្នាំ",
    "တံတားသစ်ကို 2/9/2024 ရက်နေ့တွင် ပြည်သူများအတွက် ဖွင့်လှစ်မည်",
    "ཟམ་པ་གསར་པ་དེ་ 2/9/2024 ཉིན་མི་མང་ལ་ཁ་ཕྱེ་རྒྱུ་རེད",
    "नया पुल 2/9/2024 से जनता के लिए खुलेगा और भीड़ कम होगी",
]
SENTENCES = [
    "The canal grows wider, and the council of the town asks who will pay for it",
    "The canal",
    "By 3 May 2024, the council had counted seven ships in the harbour.",
    "3 May 2024 meeting of the town council in the old harbour hall",
    "Ann Lee and the council of the town asked who will pay",
    "On 3 May the town council met in the old harbour hall of Lindmar",
    "The council decided on 3 May 2024 as follows:",
]


@pytest.mark.parametrize("line", REMOVED + HEADLINES + SENTENCES)
def test_lines_above_the_text(line: str) -> None:
    """The repeated title, names, dates, sources, appeals and picture credits are removed. A
    sentence, a subheading with a date and a line that introduces a list stay, and a headline with
    a date whose words no space separates or whose letters have vowel signs.
    """
    assert remaining(line) == [line] * (line not in REMOVED)
    assert remaining(line, kind="strong") == [line] or line not in HEADLINES


def test_lines_above_a_repeated_title_are_removed() -> None:
    """Up to 300 characters above the repeated title are removed with it, except for paragraphs."""
    paragraph = f"The harbour has been the centre of the town for {'very ' * 10}many years."
    assert remaining("Harbour", "Waterways", TITLE) == []
    assert remaining(paragraph, TITLE) == [paragraph]


@cases(
    "line, changes, stays",
    ("Further reading", {"kind": "h2"}, False),
    ("Total: 7", {}, True),
    ("Other news of the harbour and of the canal", {"linked": 1.0}, False),
    ("Related articles", {}, False),
    ("Contact", {}, False),
    ("新桥明天正式开放", {}, True),
)
def test_lines_below_the_text(line: str, changes: dict[str, Any], stays: bool) -> None:
    """Headings, links and closing lines at the end are removed; sentences and figures stay."""
    assert remaining(line, at=6, **changes) == [line] * stays


@cases(
    "kind, line, place, is_end",
    ("p", "About the author", 5, True),
    ("p", "About the author", 1, False),
    ("p", "Contact", 3, True),
    ("p", "Contact", 1, False),
    ("p", "Комментировать могут только читатели газеты", 2, True),
    ("p", "Комментировать могут только читатели газеты", 0, False),
)
def test_a_closing_line_ends_the_text_only_near_its_end(
    kind: str, line: str, place: int, is_end: bool
) -> None:
    """Everything below a line about the author is removed in the last third of the text, below
    contacts also in its middle, below a prompt to comment except at the beginning.
    """
    block = Block(kind, line, 0.0)
    blocks = [*TEXT[:place], block, *TEXT[place:]]
    assert trim(blocks, TITLE, []) == (list(TEXT[:place]) if is_end else blocks)


NOTES = [
    "Ships wait in the old harbour © Otto Stein / Harbour Press",
    "The council of Lindmar in May. Photo: Otto Stein",
    "Schiffe im Hafen (Foto: Otto Stein)",
    "Crédits photos : Otto Stein",
    "Источник: Портовый вестник",
    "Заметили ошибку? Выделите её и нажмите Ctrl + Enter",
    "При использовании материалов гиперссылка обязательна",
    "声明：本文不构成投资建议，投资者据此操作，风险自担。",
    "Your subscription is in use on another device",
    "Tu suscripción se usa en otro dispositivo",
]
REQUESTS = [
    f"Skippers who want to sign up for the new canal must show a plan. {TEXT[0].text}",
    "The council keeps a copy © of each plan. The skippers pay for it.",
    "Read the plan of the canal to the council, the skippers asked.",
]


@pytest.mark.parametrize("line", NOTES + REQUESTS)
def test_captions_and_notes_on_rights_and_subscriptions_are_removed(line: str) -> None:
    """A short line that ends with the author of a picture is its caption. A long paragraph with the
    words of a request, and a sentence after a credit's sign, are text.
    """
    assert remaining(line, at=3) == [line] * (line in REQUESTS)


ITEMS = ["Plan the canal", "Pay for the canal", "Ask the skippers of Lindmar"]
LINK = Block("li", "Count ships", 1.0)


def test_items_of_lists() -> None:
    """A link in a list belongs to the text if most of the list is not linked; a list of links does
    not, nor do dated links, a last label, a copy of paragraphs, or the list after an offer.
    """
    assert remaining(*ITEMS, LINK, at=3, kind="li") == [*ITEMS, LINK.text]
    assert remaining(LINK, LINK, at=3) == []
    assert remaining(Block("p", "The old harbour [03/05/2024, 14:07]", 0.5), at=3) == []
    assert remaining("Related topics:", at=6) == []
    assert remaining(Block("p", f"{TEXT[1].text} {TEXT[2].text} {TEXT[3].text}", 0), at=3) == []
    offer = Block("p", "Create an account to go on reading", 0.0)
    assert remaining(offer, *ITEMS, at=3, kind="li") == []


@cases("kind, has_prose, stays", ("h3", 1, 1), ("h3", 0, 0), ("h4", 1, 0))
def test_linked_headings_of_sections_stay(kind: str, has_prose: bool, stays: bool) -> None:
    """Short linked headings with a paragraph each are headings; teasers are removed."""
    heads = [Block(kind, f"Harbour {n}", 1.0) for n in range(3)]
    prose = [Block("p", 2 * block.text, 0.0) for block in TEXT[:3]]
    blocks = chain.from_iterable(zip(heads, prose, strict=True)) if has_prose else heads
    left = [text for text in remaining(*blocks, at=3) if len(text) < 20]
    assert left == [head.text for head in heads] * stays
    assert remaining(heads[0], at=3) == []


@cases("heading", "Comments (3)", "Opinie", "Комментарии: 3", "网友评论")
def test_dated_comments_below_a_text_are_removed(heading: str) -> None:
    """A heading of comments with three dated ones below ends the text, however long they are;
    without dates it may be a heading of the text. Five names with dates need no heading.
    """
    opinions = [f"{name} thinks that nobody needs a wider canal in this town." for name in "AB"] * 5
    stamps = [f"Otto [2024-05-0{day} 14:07]" for day in (2, 3, 4)]
    lines = [heading, *(line for stamp in stamps for line in (stamp, *opinions))]
    assert remaining(*lines, at=6) == []
    signed = [f"Otto Stein, {day} мая 2024 14:07:28" for day in range(1, 6)]
    assert remaining(*chain(*zip(signed, opinions, strict=False)), at=6) == []
    assert remaining(*chain(*zip(signed[1:], opinions, strict=False)), at=6) != []
    assert remaining(heading, *opinions, at=6) == [heading, *opinions]


WORDS = "harbour and the canal of the old town by the river which nobody has seen for years " * 6
OTHER = "Other news of the harbour and of the canal"


def padded(length: int, head: str = "") -> str:
    """Return words of a length that end with no space."""
    return f"{head}{WORDS}"[: length - 1] + "x"


@cases(
    "left, removed, kept",
    (lambda n: remaining(padded(n, "By Otto Stein ")), 79, 80),
    (lambda n: remaining(padded(n, "Ann Lee ")), 25, 26),  # three tenths are known
    (lambda n: remaining("3 May 2024 " + "harbour " * n), 4, 5),
    (lambda n: remaining(padded(n, "3 May 2024 ")[:-1] + ":"), 25, 26),
    (lambda n: remaining(padded(n)[:-1] + ":", at=6), 25, 26),
    (lambda n: remaining(padded(n), at=6, kind="h2"), 149, 150),
    (lambda n: remaining(OTHER, at=3, linked=n), 0.75, 0.74),
    (lambda n: remaining(f"{OTHER} (3/5/2024)", at=3, linked=n), 0.4, 0.39),
    (lambda n: remaining(padded(n), at=3, linked=1.0), 399, 400),
    (lambda n: remaining(*[padded(60)] * 4, padded(n), TITLE), 60, 61),
    (lambda n: remaining(padded(n), TITLE), 80, 81),
    (lambda n: remaining(f"{TITLE} {WORDS[:n]}"), 12, 13),
    (lambda n: remaining(TITLE[:n]), 13, 12),
)
def test_limits_of_what_is_removed(
    left: Callable[[float], list[str]], removed: float, kept: float
) -> None:
    """A line with one more sign, word or hundredth of links is removed or kept."""
    assert (left(removed), bool(left(kept))) == ([], True)


def at_place(place: int, line: str) -> list[Block]:
    return [*TEXT[:place], Block("p", line, 0.0), *TEXT[place:]]


def sections(count: int, head: int = 20, size: int = 120) -> list[Block]:
    """Return linked headings, each above a paragraph, and the text."""
    parts = [
        (Block("h3", padded(head, str(n)), 1.0), Block("p", f"{padded(size - 1)}.", 0.0))
        for n in range(count)
    ]
    return [*chain(*parts), *TEXT]


@cases(
    "blocks, count",
    (at_place(4, "Further reading"), 7),
    (at_place(5, "Further reading"), 5),
    (at_place(1, "Leave a comment"), 7),
    (at_place(2, "Leave a comment"), 2),
    (sections(2), 8),
    (sections(3), 12),
    (sections(4, head=60), 14),
    (sections(4, head=61), 10),
    (sections(4, size=99), 10),
    (sections(4, size=100), 14),
    ([*[Block("p", "A note", 0.0)] * 9, *at_place(0, "3 May 2024")], 15),
    ([*[Block("p", "A note", 0.0)] * 10, *at_place(0, "3 May 2024")], 17),
)
def test_limits_of_endings_and_sections(blocks: list[Block], count: int) -> None:
    """A closing line ends the text from two thirds on, a prompt from a fifth on; three short linked
    headings with a hundred characters each are sections; ten blocks are the top.
    """
    assert len(trim(blocks, "", [])) == count
