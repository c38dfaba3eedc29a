"""Paragraphs of PDF layouts on both sides of a limit: indents, gaps, sizes, columns, notes."""

from collections.abc import Callable

from tests.cases import cases
from tests.extraction.documents import Placed, column, pdf
from tests.extraction.test_pdf import article

NAMES = "limes gates locks barges weirs quays tugs cranes ropes sails masts decks".split()
LINES = [f"Row {name} of the report on the old canal" for name in NAMES]
SIGNS = "0123456789ab"
ONE, THREE = SIGNS, "0123 4567 89ab"  # the lines of each paragraph


Move = Callable[[int], float]
NOT: Move = lambda _number: 0.0  # noqa: E731 - a default


def rows(x: Move = NOT, y: Move = NOT, size: Move = NOT) -> list[Placed]:
    """Return the lines below each other, moved or resized by their numbers."""
    return [
        (50 + x(number), 700 - 12 * number - y(number), 10 + size(number), text)
        for number, text in enumerate(LINES)
    ]


def cut(length: int) -> list[Placed]:
    """Return the lines; each fourth one has this length and ends a sentence."""
    texts = [f"{text[:length]}." if n % 4 == 3 else text for n, text in enumerate(LINES)]
    return column(texts)


def beside(x: float) -> list[Placed]:
    """Return the last six lines beside the first six."""
    return [*column(LINES[:6]), *column(LINES[6:], x=x)]


def cells(x: float) -> list[Placed]:
    """Return three lines above pairs of lines."""
    pairs = [
        (50 if n % 2 == 0 else x, 640 - 14 * (n // 2), 10, text)
        for n, text in enumerate(LINES[3:11])
    ]
    return [*column(LINES[:3]), *pairs]


def noted(size: float) -> list[Placed]:
    """Return eight lines, and one of this size at the bottom."""
    return [*column(LINES[:8]), (50, 80, size, f"1 {LINES[8]}"), (50, 68, size, LINES[9])]


@cases(
    "lines, expected",
    (rows(), ONE),
    (rows(x=lambda n: 7 * (n % 4 == 0)), ONE),
    (rows(x=lambda n: 9 * (n % 4 == 0)), THREE),
    (rows(x=lambda n: 7 * (n % 4 > 0)), ONE),
    (rows(x=lambda n: 8 * (n % 4 > 0)), THREE),
    (rows(y=lambda n: 3.5 * (n // 4)), ONE),
    (rows(y=lambda n: 4 * (n // 4)), THREE),
    (rows(size=lambda n: -0.6 * (4 <= n < 8)), ONE),
    (rows(size=lambda n: -0.8 * (4 <= n < 8)), THREE),
    (rows(size=lambda n: 0.8 * (4 <= n < 8)), ONE),
    (cut(34), THREE),
    (cut(35), ONE),
    (cut(11), THREE),
    (beside(300), ONE),
    (beside(200), "061728394a5b"),
    (cells(245), "0123456789a"),
    (cells(255), "0123579468a"),
    (noted(9.2), "01234567 89"),
)
def test_paragraphs(lines: list[Placed], expected: str) -> None:
    """An indent of 8 points, a gap of 4, another size and a short last line divide paragraphs; a
    column begins where no line crosses it.
    """
    found = article(pdf([lines], title="Report of the harbour office")).paragraphs
    numbers = ["".join(SIGNS[NAMES.index(w)] for w in p.split() if w in NAMES) for p in found]
    assert " ".join(numbers) == expected
