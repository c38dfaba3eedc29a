"""Put the words of a PDF page into lines in reading order: bands of the page from top to bottom,
and the columns of each band.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.extraction.document import is_unspaced
from tidings.extraction.pdf_columns import Segment, bands_of, is_table, rows_of, split, table_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.extraction.pdf_words import PageWords, Word

# words of a page whose places are compared; a page with more is read in the order of the file
MAX_WORDS = 6_000
_SPACE = 0.6  # of the type size: a wider gap on a line may separate columns
_LABEL = re.compile(r"[•‣▪●○◦■□–—*·§-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]")
_LABEL_GAP = 3.0  # of the type size: the widest gap between the label of a list's item and its text
_DEPTH = 4  # bands within columns within bands


@dataclass(slots=True)
class Line:
    """A line of text. Lines of one ``column`` follow each other; ``is_row``: a table's row, a
    paragraph of its own.

    In right-to-left text, places are mirrored, so that a line always begins at ``x0``.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    column: int
    is_bold: bool
    is_row: bool = False


@dataclass(slots=True)
class _Column:
    """The segments of a column of text, or the cells of a table's row."""

    segments: list[Segment]
    cells: list[list[Segment]] | None = None


def read_lines(page: PageWords) -> list[Line]:
    """Return the lines of a page in reading order."""
    if page.is_rtl:
        for word in page.words:
            word.x0, word.x1 = -word.x1, -word.x0
    segments = _segments(page.words)
    if len(page.words) > MAX_WORDS:
        return [_line([segment], 0) for segment in segments]
    columns: list[_Column] = []
    _read_region(segments, columns, 0)
    return [line for number, column in enumerate(columns) for line in _lines_of(column, number)]


def _segments(words: Sequence[Word]) -> list[Segment]:
    """Return the words as segments, in the order of the file."""
    segments = list[Segment]()
    for word in words:
        last = segments[-1] if segments else None
        if (
            last
            and abs(word.y - last.y) < 0.45 * max(word.size, last.size)
            and _is_next(last, word)
        ):
            last.words.append(word)
            last.x0, last.x1 = min(last.x0, word.x0), max(last.x1, word.x1)
            if word.size > last.size:
                last.y, last.size = word.y, word.size
        else:
            segments.append(Segment([word], word.x0, word.x1, word.y, word.size))
    return segments


def _is_next(segment: Segment, word: Word) -> bool:
    is_label = len(segment.words) == 1 and _LABEL.fullmatch(segment.words[0].text)
    space = (_LABEL_GAP if is_label else _SPACE) * max(segment.size, word.size)
    return -0.5 * word.size < word.x0 - segment.words[-1].x1 < space


def _read_region(segments: list[Segment], columns: list[_Column], depth: int) -> None:
    """Append the region's columns and rows of tables in reading order."""
    if not segments:
        return
    for band, gutters in bands_of(rows_of(segments), depth):
        inside = [segment for row in band for segment in row]
        if not gutters or depth == _DEPTH:
            columns.append(_Column(inside))
            continue
        parts = split(inside, gutters)
        if is_table(parts, band):
            columns.extend(_Column([], cells) for cells in table_rows(band, gutters))
            continue
        for part in parts:
            _read_region(part, columns, depth + 1)


def _lines_of(column: _Column, number: int) -> Iterator[Line]:
    """Yield the lines of a column, or the line of a table's row, with a mark between the cells as
    in tables of web pages.
    """
    if column.cells:
        segments = [segment for cell in column.cells for segment in cell]
        line = _line(segments, number)
        line.text = " | ".join(
            join_words([word for segment in cell for word in segment.words])
            for cell in column.cells
        )
        line.is_row = True
        yield line
        return
    for row in rows_of(column.segments):
        yield _line(sorted(row, key=lambda segment: segment.x0), number)


def _line(segments: Sequence[Segment], number: int) -> Line:
    """Return a line of segments in order."""
    words = [word for segment in segments for word in segment.words]
    bold = sum(len(word.text) for word in words if word.is_bold)
    sizes = Counter[float]()
    for word in words:
        sizes[word.size] += len(word.text)
    return Line(
        text=join_words(words),
        x0=segments[0].x0,
        x1=max(segment.x1 for segment in segments),
        y=segments[0].y,
        size=sizes.most_common(1)[0][0],
        column=number,
        is_bold=2 * bold > sum(len(word.text) for word in words),
    )


def join_words(words: Sequence[Word]) -> str:
    """Return the words as a text, with spaces except between characters of scripts without
    spaces.
    """
    text = ""
    for word in words:
        if text and not (is_unspaced(text[-1]) and is_unspaced(word.text[0])):
            text += " "
        text += word.text
    return text.replace("\u00ad ", "-") if "\u00ad " in text else text
