"""Removal of lines above and below an article's text."""

from typing import Any

import pytest

from tidings.extraction.text import Block
from tidings.extraction.trim import trim

TITLE = "The canal grows wider"
TEXT = tuple(
    Block(
        "p",
        f"In year {n} of the works the council counted {n * 7} ships in the harbour and asked"
        f" who would pay for them.",
        0.0,
    )
    for n in range(6, 12)
)


def remaining(*texts: str, below: bool = False, kind: str = "p", linked: float = 0.0) -> list[str]:
    """Return the lines above or below a text that are not removed."""
    lines = [Block(kind, text, linked) for text in texts]
    blocks = [*TEXT, *lines] if below else [*lines, *TEXT]
    blocks_left = trim(blocks, TITLE, ["Ann Lee", "2 May 2024"])
    assert [block for block in blocks_left if block in TEXT] == list(TEXT)
    return [block.text for block in blocks_left if block not in TEXT]


@pytest.mark.parametrize(
    "line",
    [
        "The canal grows wider",
        "The canal grows wider: a report",  # the title with a little more
        "The canal grows",  # the title cut short
        "By Ann Lee",
        "Ann Lee, Lindmar",
        "By Otto Stein",
        "3 May 2024",
        "Updated 3 May 2024, 14:07",
        "Follow us on Facebook and subscribe to our newsletter",
        "Photo: Otto Stein",
    ],
)
def test_lines_above_the_text_are_removed(line: str) -> None:
    """The repeated title, names, dates, appeals and picture credits are removed."""
    assert remaining(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "新桥将于9月2日在河口市开放",
        "新规公布 12月1日施行",
        "港口扩建计划延长至2025年12月31日",
        "议会今晚19:30讨论新桥",
        "新しい橋は9月2日から通行できる",
        "สะพานใหม่จะเปิดให้ประชาชนใช้ในวันที่ 2/9/2024 หลังสร้างนานสามปี",
        "ຂົວໃໝ່ຈະເປີດໃຫ້ປະຊາຊົນໃຊ້ໃນວັນທີ 2/9/2024 ຫຼັງຈາກກໍ່ສ້າງສາມປີ",
        "ស្ពានថ្មីនឹងបើកឱ្យប្រជាជនធ្វើដំណើរនៅថ្ងៃទី 2/9/2024 ក្រោយសាងសង់បីឆ្នាំ",
        "တံတားသစ်ကို 2/9/2024 ရက်နေ့တွင် ပြည်သူများအတွက် ဖွင့်လှစ်မည်",
        "ཟམ་པ་གསར་པ་དེ་ 2/9/2024 ཉིན་མི་མང་ལ་ཁ་ཕྱེ་རྒྱུ་རེད",
        "नया पुल 2/9/2024 से जनता के लिए खुलेगा और भीड़ कम होगी",
    ],
)
@pytest.mark.parametrize("kind", ["p", "strong"])
def test_headlines_with_a_date_stay_in_scripts_without_spaces(line: str, kind: str) -> None:
    """A headline with a date is not a date line only because no space separates its words or its
    letters have vowel signs.
    """
    assert remaining(line, kind=kind) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "2024年5月3日 19:30 来源：河口日报",
        "来源：河口日报 更新时间：2024年05月03日 19:00",
        "发布时间：2024年5月3日 作者：河口市人民政府新闻办公室",
        "2024年5月3日发布",
        "2024年5月3日（金） 河口新聞",
        "3/5/2024 เวลา 10:30",
        "ວັນທີ 3/5/2024",
        "ថ្ងៃទី 3/5/2024",
    ],
)
def test_date_lines_in_scripts_without_spaces_are_removed(line: str) -> None:
    """Date, source and time of publication are removed in every script."""
    assert remaining(line) == []


@pytest.mark.parametrize("line", ["新桥明天正式开放", "新しい橋が開通へ", "สะพานใหม่เปิดใช้แล้ว"])
def test_last_lines_in_scripts_without_spaces_stay(line: str) -> None:
    """A last line without a full stop counts as loose only if it has fewer than four words in its
    script.
    """
    assert remaining(line, below=True) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "The canal grows wider, and the council of the town asks who will pay for it",
        "The canal",
        "By 3 May 2024, the council had counted seven ships in the harbour.",
        "From 3 May 2024",
        "3 May 2024 meeting of the town council in the old harbour hall",
        "Ann Lee and the council of the town asked who will pay",
        "On 3 May the town council met in the old harbour hall of Lindmar",
        "The council decided on 3 May 2024 as follows:",
    ],
)
def test_sentences_above_the_text_stay(line: str) -> None:
    """A sentence, a subheading with a date and a line that introduces a list stay."""
    assert remaining(line) == [line]


def test_lines_above_a_repeated_title_are_removed() -> None:
    """Up to 300 characters above the repeated title are removed with it, except for paragraphs."""
    assert remaining("Harbour", "Waterways", TITLE) == []
    paragraph = (
        "The harbour has been the centre of the town for more than three hundred years,"
        " and it will remain so."
    )
    assert remaining(paragraph, TITLE) == [paragraph]


@pytest.mark.parametrize(
    ("line", "changes", "stays"),
    [
        ("Further reading", {"kind": "h2"}, False),
        ("Lindmar", {}, False),
        ("Lindmar agency report.", {}, True),
        ("Total: 7", {}, True),
        ("Seven ships lie there", {}, True),  # four words
        ("Other news of the harbour and of the canal", {"linked": 1.0}, False),
        ("Related articles", {}, False),
        ("Contact", {}, False),
    ],
)
def test_lines_below_the_text(line: str, changes: dict[str, Any], stays: bool) -> None:
    """Headings, links and single words at the end are removed; sentences and figures stay."""
    assert remaining(line, below=True, **changes) == ([line] if stays else [])


def test_a_closing_line_ends_the_text_only_near_its_end() -> None:
    """Everything below a line about the author is removed if the line is in the last third of the
    text.
    """
    line = Block("p", "About the author", 0.0)
    assert trim([*TEXT[:5], line, TEXT[5]], TITLE, []) == list(TEXT[:5])
    assert trim([TEXT[0], line, *TEXT[1:]], TITLE, []) == [TEXT[0], line, *TEXT[1:]]


def middle(*blocks: Block) -> list[str]:
    """Return the blocks in the middle of a text that are not removed."""
    left = trim([*TEXT[:3], *blocks, *TEXT[3:]], TITLE, [])
    assert [block for block in left if block in TEXT] == list(TEXT)
    return [block.text for block in left if block not in TEXT]


def test_the_list_after_an_offer_of_an_account_is_removed() -> None:
    """The advantages of an account belong to the request to register; the same list after a
    sentence belongs to the text.
    """
    items = [
        Block("li", "Read seven reports a month", 0.0),
        Block("li", "Ask the harbour council", 0.0),
    ]
    assert middle(Block("p", "Create an account to go on reading", 0.0), *items) == []
    assert middle(*items) == ["Read seven reports a month", "Ask the harbour council"]


@pytest.mark.parametrize(
    "line",
    [
        "Ships wait in the old harbour © Otto Stein / Harbour Press",
        "The council of Lindmar in May. Photo: Otto Stein",
        "Schiffe im Hafen (Foto: Otto Stein)",
        "Crédits photos : Otto Stein",
        "Teilen Sie dies mit:",
        "Like this: Loading...",
        "WATCH | The old harbour in spring",
        "Lea también: El puerto viejo",
        "Читайте также: Старый порт",
        "Your subscription is in use on another device",
        "Tu suscripción se usa en otro dispositivo",
    ],
)
def test_captions_buttons_teasers_and_notes_on_subscriptions_are_removed(line: str) -> None:
    """A short line that ends with the author of a picture is its caption; buttons and teasers lead
    elsewhere.
    """
    assert middle(Block("p", line, 0.0)) == []


def test_sentences_with_words_of_requests_stay() -> None:
    """A long paragraph with the words of a request, and a sentence after a credit's sign, are
    text.
    """
    request = f"Skippers who want to sign up for the new canal must show a plan. {TEXT[0].text}"
    copy = "The council keeps a copy © of each plan. The skippers pay for it."
    order = "Read the plan of the canal to the council, the skippers asked."
    assert middle(*(Block("p", line, 0.0) for line in (request, copy, order))) == [
        request,
        copy,
        order,
    ]


def test_links_within_a_list_stay() -> None:
    """An item that is a link belongs to the text if most of the list is not linked; a list of links
    is removed.
    """
    plan, pay, ask = (
        Block("li", text, 0.0)
        for text in ("Plan the canal", "Pay for the canal", "Ask the skippers of Lindmar")
    )
    link = Block("li", "Count ships", 1.0)
    assert middle(plan, link, pay, ask) == [
        "Plan the canal",
        "Count ships",
        "Pay for the canal",
        "Ask the skippers of Lindmar",
    ]
    assert middle(link, link) == []


def test_linked_headings_of_sections_stay() -> None:
    """Short linked headings of one level with a paragraph each are headings of the text; teasers
    are removed.
    """
    sections = [Block("h3", f"Harbour {n}", 1.0) for n in range(3)]
    prose = TEXT[:3]
    mixed = [
        block
        for pair in zip(sections, [Block("p", 2 * text.text, 0.0) for text in prose], strict=True)
        for block in pair
    ]
    assert [text for text in middle(*mixed) if len(text) < 20] == [
        "Harbour 0",
        "Harbour 1",
        "Harbour 2",
    ]
    assert middle(sections[0]) == []
    assert middle(*sections) == []
    lower = [
        Block("h4", block.text, block.linked) if block.kind == "h3" else block for block in mixed
    ]
    assert [text for text in middle(*lower) if len(text) < 20] == []


def test_label_higher_up_does_not_end_the_text() -> None:
    """The words "read more" end the text as a heading in its last third, but as a line only in its
    last fifth.
    """
    label, heading = Block("p", "Read more", 0.0), Block("h3", "Read more", 0.0)
    assert trim([*TEXT[:4], label, *TEXT[4:]], TITLE, []) == [*TEXT[:4], label, *TEXT[4:]]
    assert trim([*TEXT[:4], heading, *TEXT[4:]], TITLE, []) == list(TEXT[:4])


@pytest.mark.parametrize("heading", ["Comments (3)", "Opinie", "Комментарии: 3", "网友评论"])
def test_dated_comments_below_a_text_are_removed(heading: str) -> None:
    """A heading of comments with three dated ones below ends the text, however long they are;
    without dates it may be a heading of the text.
    """
    comments = [f"Otto [2024-05-0{day} 14:07]" for day in (2, 3, 4)]
    opinions = [
        f"{name} thinks that nobody needs a wider canal in this town at all." for name in "AB"
    ]
    lines = [heading, *(line for stamp in comments for line in (stamp, *opinions * 5))]
    assert remaining(*lines, below=True) == []
    assert remaining(heading, *opinions * 5, below=True) == [heading, *opinions * 5]


def test_a_copy_of_the_text_in_one_block_is_removed() -> None:
    """A page that also has its text as one hidden block shows each sentence once."""
    copy = Block("p", " ".join(block.text for block in TEXT), 0.0)
    assert trim([*TEXT, copy], TITLE, ()) == list(TEXT)
