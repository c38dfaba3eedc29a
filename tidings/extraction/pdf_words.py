"""Read the words of a PDF page with their places, upright whatever the rotation or direction."""

import ctypes
import itertools
import math
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

import pypdfium2.raw as pdfium

from tidings.extraction.document import is_unspaced

MAX_CHARS = 60_000  # characters read per page: a dense newspaper page has 25,000
_HYPHENS = {0x02, 0xFFFE, 0xAD, 0x2010}  # PDFium writes 2 or FFFE for a hyphen at a line's end
# ligatures, and Arabic letters in the form of their position
_PRESENTATION = ((0xFB00, 0xFDFF), (0xFE70, 0xFEFE))
_ALEFS = frozenset("اأإآ")  # in a ligature with lam, which is read first
MAX_POINTS = 500.0  # points
_SPACED_LETTERS = 4  # single letters in a row from which a text is letter-spaced
_CELL = 0.3  # of the type size: a wider gap separates words even without a space


@dataclass(slots=True)
class Word:
    """A word: its text, extent, baseline (upwards), type size in points, and place in the file."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    order: int
    is_bold: bool = False


@dataclass(slots=True)
class _Char:
    text: str  # a space separates words
    x0: float
    x1: float
    y0: float
    y1: float
    x: float  # origin
    y: float
    size: float  # of the type, in points
    number: int


def is_rtl(char: str) -> bool:
    """Return whether a character belongs to a script written from right to left."""
    return (
        "\u0590" <= char <= "\u08ff" or "\ufb1d" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufefe"
    )


def read_words(text_page: Any) -> tuple[list[Word], bool]:
    """Return the words of a PDFium text page in the order of the file, turned upright, those at
    another angle last, and whether most are written from right to left.
    """
    count = min(pdfium.FPDFText_CountChars(text_page), MAX_CHARS)
    chars = list(_read_chars(text_page, count))
    turn = _usual_turn(text_page, chars)
    upright = [_turned(char, turn) for char in chars]
    if _is_vertical(upright):
        # columns from right to left become lines from top to bottom
        upright = [_turned(char, 1) for char in upright]
        turn = -1
    letters = [*filter(str.isalpha, map(attrgetter("text"), upright))]
    words: list[Word] = []
    aside: list[Word] = []
    for order, run in enumerate(_runs(upright)):
        is_upright = turn < 0 or _turn_of(text_page, run[0].number) == turn
        (words if is_upright else aside).append(_word(text_page, run, order))
    if aside:  # as a line below the page's text
        bottom = min(map(attrgetter("y"), words), default=0.0) - 2 * aside[0].size
        words += (
            replace(word, x0=10.0 * at, x1=10.0 * at + 8, y=bottom, is_bold=False)
            for at, word in enumerate(aside)
        )
    return list(_unspaced_letters(words)), 2 * sum(map(is_rtl, letters)) > len(letters)


@lru_cache(maxsize=16_384)
def _as_text(code: int) -> str:
    """Return the text of a character's code: a space for white space, empty if never shown."""
    text = chr(code if code <= 0x10FFFF else 0)
    if code in _HYPHENS:
        return "\u00ad"
    if code <= 0x20 or text.isspace():
        return " "
    if any(first <= code <= last for first, last in _PRESENTATION):
        return unicodedata.normalize("NFKC", text)
    return text if text.isprintable() or 0xE000 <= code <= 0xF8FF else ""


def _read_chars(text_page: Any, count: int) -> Iterator[_Char]:
    """Yield the page's characters."""
    box, x, y, matrix = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
    scale = 0.0  # of the type size; read at the start of each word
    for number in range(count):
        text = _as_text(pdfium.FPDFText_GetUnicode(text_page, number))
        if not text:
            continue
        if text == " ":
            yield _Char(text, 0, 0, 0, 0, 0, 0, 0, number)
            scale = 0.0
            continue
        if not scale:
            pdfium.FPDFText_GetMatrix(text_page, number, matrix)
            scale = math.hypot(matrix.c, matrix.d) or 1.0
        size = min(MAX_POINTS, scale * pdfium.FPDFText_GetFontSize(text_page, number))
        pdfium.FPDFText_GetLooseCharBox(text_page, number, box)
        pdfium.FPDFText_GetCharOrigin(text_page, number, x, y)
        yield _Char(text, box.left, box.right, box.bottom, box.top, x.value, y.value, size, number)


def _turn_of(text_page: Any, number: int) -> int:
    """Return how many quarter turns a character is turned, or 4 for an angle between them."""
    turns = pdfium.FPDFText_GetCharAngle(text_page, number) / (math.pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) < 0.05 else 4


def _usual_turn(text_page: Any, chars: list[_Char]) -> int:
    sample = [char for char in chars if char.text != " "][:: max(1, len(chars) // 200)]
    turns = [turn for char in sample if (turn := _turn_of(text_page, char.number)) < 4]
    return statistics.mode(turns) if turns else 0


def _turned(char: _Char, turn: int) -> _Char:
    """Return a character with its place after quarter turns of the page."""
    for _ in range(turn):
        x0, x1, y0, y1 = -char.y1, -char.y0, char.x0, char.x1
        char = replace(char, x0=x0, x1=x1, y0=y0, y1=y1, x=-char.y, y=char.x)
    return char


def _is_vertical(chars: list[_Char]) -> bool:
    steps = Counter(
        abs(char.x - before.x) < 0.3 * (char.x1 - char.x0) and char.y < before.y
        for before, char in itertools.pairwise(chars)
        if is_unspaced(char.text) and is_unspaced(before.text)
    )
    return steps[True] > max(10, 2 * steps[False])


def _runs(chars: list[_Char]) -> Iterator[list[_Char]]:
    run: list[_Char] = []
    for char in chars:
        is_space, before = char.text == " ", run[-1] if run else char
        size = max(before.size, char.size)
        is_level = abs(char.y - before.y) < 0.4 * size
        is_next = max(char.x0 - before.x1, before.x0 - char.x1) < _CELL * size
        if run and (is_space or not (is_level and is_next)):
            yield run
            run = []
        run += [char] * (not is_space)
    if run:
        yield run


def _word(text_page: Any, run: list[_Char], order: int) -> Word:
    is_mixed = any(is_rtl(char.text[0]) for char in run)
    text = _logical(run) if is_mixed else "".join(char.text for char in run)
    is_bold = pdfium.FPDFText_GetFontWeight(text_page, run[0].number) >= 600
    x0, x1, middle = min(c.x0 for c in run), max(c.x1 for c in run), run[len(run) // 2]
    return Word(text, x0, x1, middle.y, middle.size, order, is_bold)


def _logical(run: list[_Char]) -> str:
    """Return a right-to-left word in reading order, its numbers and Latin letters from left to
    right.
    """
    run = sorted(run, key=lambda char: (-round(char.x, 1), char.text in _ALEFS))
    parts = itertools.groupby(
        (char.text for char in run), lambda text: text.isalnum() and not is_rtl(text[0])
    )
    return "".join("".join(reversed([*part]) if is_left else part) for is_left, part in parts)


def _unspaced_letters(words: list[Word]) -> Iterator[Word]:
    """Yield the words; letter-spaced texts are joined."""
    run: list[Word] = []
    for word in words:
        is_letter = len(word.text) == 1 and not is_unspaced(word.text)
        last = run[-1] if run else word
        if not is_letter or abs(word.y - last.y) > 0.1 * word.size or word.x0 < last.x0:
            yield from _joined(run)
            run = []
        if is_letter:
            run.append(word)
        else:
            yield word
    yield from _joined(run)


def _joined(letters: list[Word]) -> Iterator[Word]:
    """Yield the words of single letters, which wider gaps separate."""
    gaps = [after.x0 - before.x1 for before, after in itertools.pairwise(letters)]
    count = sum(letter.text.isalnum() for letter in letters)
    if count < _SPACED_LETTERS or (usual := statistics.median(gaps)) > letters[0].size:
        yield from letters
        return
    usual = max(usual, 0.05 * letters[0].size)
    word = letters[0]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap > 1.7 * usual:
            yield word
            word = letter
        else:
            word = replace(word, text=word.text + letter.text, x1=letter.x1)
    yield word
