"""Readings on both sides of a limit, and signs that decide between two readings."""

from tests.cases import cases
from tests.extraction.documents import column, pdf
from tests.extraction.test_pdf import article
from tidings.base.urls import MAX_URL_CHARS
from tidings.extraction.extractors import second_opinion
from tidings.extraction.language import language_of
from tidings.extraction.measures import SIZE, count_words, cut, minhash, whole
from tidings.extraction.parse import parse
from tidings.extraction.pdf import Hyphens
from tidings.extraction.pdf_words import is_rtl
from tidings.extraction.quality import has_passage, is_other_page
from tidings.extraction.text import Block
from tidings.extraction.trim import is_prose, needs_second_opinion

PROSE = (
    "In the sixth year of the works the council counted ships in the harbour, and asked who pays."
)
NAMES = ("limes", "gates", "locks", "barges", "weirs", "quays")


def blocks(*texts: str, linked: float = 0.0) -> list[Block]:
    """Return paragraphs with these texts."""
    return [Block("p", text, linked) for text in texts]


@cases(
    "chars, expected",
    ("\u0590\u05d0\u0627\u08ff\ufb1d\ufb2a\ufdff\ufe70\ufe8e\ufefe", True),
    ("a1\u058f\u0900\u0e01推\ufb1c\ufe00\ufe6f\ufeff", False),
)
def test_scripts_from_right_to_left(chars: str, expected: bool) -> None:
    """Hebrew, Arabic and their presentation forms, up to the first and last sign of each range."""
    assert [char for char in chars if is_rtl(char) != expected] == []


@cases(
    "text, language",
    ("Die Stadt baut Brücken", None),  # 19 letters
    ("Die Stadt baute Brücken", "de"),
    ("港口开放", None),
    ("港口今开放", "zh"),
    ("港は今日開放", None),
    ("の" * 2 + "港" * 22, "zh"),
    ("の" * 3 + "港" * 22, "ja"),
    ("한" * 25 + "a" * 20, "ko"),
    ("The harbour 港口 opens again in the spring", "en"),
    ("Die Stadt baut im Winter neue Brücken. " * 8 + "La ville construit. " * 40, "de"),
)
def test_a_language_is_known_from_few_letters_on(text: str, language: str | None) -> None:
    """From 20 letters, or five Chinese characters; a tenth of kana makes a text Japanese; the first
    300 characters count.
    """
    assert language_of(text) == language


def test_limits_of_measures_passages_and_opinions() -> None:
    """Twelve words have a signature; a URL that is too long is none. A second opinion has plain
    text. A link to another page ends a passage, unless half of its block is text.
    """
    assert [len(minhash(" ".join(map(str, range(count))))) for count in (11, 12)] == [0, SIZE]
    assert [whole("u" * (MAX_URL_CHARS + more)) is None for more in (0, 1)] == [False, True]
    assert (cut("abc", 2), cut("", 2), cut(None, 2)) == ("ab", "", None)
    assert count_words("推进 the plan, 3 times") == 6
    text = PROSE.replace("sixth", "<b>sixth</b>").replace("works", "<i>works</i>")
    tree = parse(f"<html><body><article>{f'<p>{text}</p>' * 4}</article></body></html>")
    assert tree is not None
    assert second_opinion(tree)[0].text == PROSE
    for linked, expected in ((0.6, False), (0.4, True)):
        page = [*blocks(*[PROSE] * 3), *blocks("A link", linked=linked), *blocks(*[PROSE] * 3)]
        assert has_passage(page) == expected


@cases(
    "before, after, joined",
    ("the har-", "bour opens", "the harbour opens"),
    ("the well-", "kept gates", "the well-kept gates"),
    ("a short-", "lived law", "a short-lived law"),  # both are words of the document
    ("a sh-", "lived law", "a shlived law"),  # a part of two letters is none
    ("a short-", "law", "a shortlaw"),  # nor is one of three behind the hyphen
    ("the mid-", "term plan", "the mid-term plan"),
    ("the 2024-", "plan", "the 2024-plan"),
    ("the Anglo-", "Saxon law", "the Anglo-Saxon law"),
    ("import-", "and export", "import- and export"),
    ("the har\u00ad", "bour opens", "the harbour opens"),
    ("the har-", "", "the har-"),
    ("the har-", "ⓑour", "the har-ⓑour"),
    ("the har-", "\u0345", "the har-\u0345"),
    ("the town", "grows", "the town grows"),
)
def test_hyphens_at_line_ends(before: str, after: str, joined: str) -> None:
    """A hyphen stays if other words of the document, a digit or a capital show that it belongs."""
    words = Hyphens(["the harbour and the well-kept gates", "a short law that lived for a sh day"])
    assert words.join(before, after) == joined


@cases(
    "feet, is_removed",
    (["iii", "iv", "v", "vi", "vii", "viii"], True),
    (["xxxix", "xl", "xli", "xlii", "xliii", "xliv"], True),
    ([f"{' '.join([name] * 11)} {n + 4}" for n, name in enumerate(NAMES)], True),
    ([f"{' '.join([name] * 12)} {n + 4}" for n, name in enumerate(NAMES)], False),
    ids=["roman", "roman, fifty", "twelve words", "thirteen words"],
)
def test_page_numbers(feet: list[str], is_removed: bool) -> None:
    """Growing numbers at an edge are removed, alone, Roman or behind up to twelve words."""
    pages = [
        [*column([f"The order on {name} of the office", f"and on {name}s that it keeps"]),
         (50, 30, 9, foot)]
        for name, foot in zip(NAMES, feet, strict=True)
    ]  # fmt: skip
    text = article(pdf(pages)).body_text
    assert [foot in text for foot in feet] == [not is_removed] * 6


@cases(
    "page, expected",
    ([PROSE] * 4, False),  # 368 characters
    ([PROSE] * 5, True),
    ([*[PROSE] * 5, "A link " * 197], True),  # a quarter of the text
    ([*[PROSE] * 5, "A link " * 198], False),
)
def test_a_passage_in_a_listing(page: list[str], expected: bool) -> None:
    """A passage has 400 characters of prose, and a quarter of the page."""
    assert has_passage(blocks(*page)) == expected


@cases(
    "announced, shown, expected",
    ("Harbour council approves", "Just a moment, please", True),
    ("Harbour council approves", "The HARBOUR opens", False),
    ("Harbour council", "Just a moment, please", False),  # two pieces of four letters
    ("港口委员会批准", "请稍候，正在检查", False),  # three pieces of two signs
    ("港口委员会批准疏浚", "请稍候，正在检查", True),
    ("港口委员会批准疏浚", "Just a moment, please", False),
)
def test_an_announced_title(announced: str, shown: str, expected: bool) -> None:
    """Four pieces of a title show which text belongs to it."""
    assert is_other_page(announced, shown) == expected


@cases(
    "doubtful, outside, expected",
    (27, 0.3, False),
    (30, 0.3, True),
    (0, 0.3, False),
    (0, 0.31, True),
)
def test_a_second_opinion_is_needed(doubtful: int, outside: float, expected: bool) -> None:
    """If over three hundredths of a text are doubtful, or three tenths of the page are outside."""
    text = blocks(*[PROSE] * 10, *["x" * doubtful] * bool(doubtful))
    assert needs_second_opinion(text, outside) == expected


@cases(
    "text, linked, expected",
    ("The council of the town counted 40 ships.", 0.0, True),
    ("The council of the town counted 4 ships.", 0.0, False),  # 40 characters
    ("The council of the town counted 40 ships", 0.0, False),
    ("The council of the town counted 40 ships.", 0.3, False),
    ("The council of the town counted 40 ships (3/5/2024)", 0.0, False),
)
def test_prose(text: str, linked: float, expected: bool) -> None:
    """A sentence of over 40 characters, less than three tenths of it links, without a date."""
    assert is_prose(Block("p", text, linked)) == expected
