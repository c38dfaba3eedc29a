"""Put the words of a PDF page into lines in reading order, by bands, columns and rows of tables."""

import functools
import itertools
import math
import re
import statistics
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from tidings.extraction.document import is_unspaced, join, usual_size
from tidings.extraction.pdf_words import Word

_GUTTER = 0.75  # of the type size: the narrowest gap between columns
_FEW = 8  # rows in which words may be above each other by chance
_OVERHANG = 0.2  # of the type size: what a long word in one of many rows may leave of a gutter
_ROWS = 3  # rows from which a gap is a gutter


@dataclass(slots=True)
class Segment:
    """Words on a line without a wide gap."""

    words: list[Word]
    x0: float
    x1: float
    y: float
    size: float

    @property
    def order(self) -> int:
        """The place of the first word in the file."""
        return self.words[0].order


def rows_of(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return the segments by their baseline, from top to bottom."""
    rows = list[list[Segment]]()
    for segment in sorted(segments, key=attrgetter("y"), reverse=True):
        if rows and abs(rows[-1][0].y - segment.y) < 0.3 * max(rows[-1][0].size, segment.size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return rows


def bands_of(
    rows: list[list[Segment]], depth: int
) -> list[tuple[list[list[Segment]], list[float]]]:
    """Return bands of rows with the centres of their gutters; none: one column."""
    bands = list[tuple[list[list[Segment]], list[float]]]()
    start = 0
    while start < len(rows):
        end, gutters = start + 1, list[float]()
        first = rows[start : start + _ROWS]
        size = statistics.median(map(attrgetter("size"), itertools.chain.from_iterable(first)))
        if _has_columns(first, size, depth):
            end, gutters = _band_end(rows, start, size)
            band = rows[start:end]
            is_narrow = len(band) < _FEW and not _has_columns(band, size, 1)
            if is_narrow and _turns(split(itertools.chain.from_iterable(band), gutters)) > 0.6:
                gutters = []  # spaces between words above each other
        else:
            while end < len(rows) and not (
                _is_beside(rows, end) and _has_columns(rows[end : end + _ROWS], size, depth)
            ):
                end += 1
        bands.append((rows[start:end], gutters))
        start = end
    return bands


def _is_beside(rows: Sequence[Sequence[Segment]], number: int) -> bool:
    """Return whether a row has several texts, or is beside the next row."""
    row = rows[number]
    if len(row) > 1 or number + 1 == len(rows):
        return len(row) > 1
    below = rows[number + 1]
    is_right = row[0].x0 > below[-1].x1
    return row[0].y - below[0].y < (1.6 if is_right else 0.8) * row[0].size


def _has_columns(rows: Sequence[Sequence[Segment]], size: float, depth: int) -> bool:
    """Return whether rows have a common gutter, wider than the space between justified words."""
    is_sure = len(rows) == _ROWS and depth == 0
    occupied = _add([], [*itertools.chain.from_iterable(rows)])
    return bool(_gutters(occupied, _GUTTER * size * (1 if is_sure else 2)))


def _band_end(rows: list[list[Segment]], start: int, size: float) -> tuple[int, list[float]]:
    """Return the end of the band of columns that begins at a row, and its gutters. A text across
    the last one ends the band, unless it is a word too long for its column.
    """
    occupied, end = _add([], rows[start]), start + 1
    gutters = _gutters(occupied, _GUTTER * size)
    while end < len(rows):
        wider = _add(occupied, rows[end])
        remaining = _gutters(wider, _GUTTER * size, _OVERHANG * size, gutters)
        is_crossed = len(remaining) < len(gutters)
        if is_crossed and _is_overhang(rows[end], gutters, occupied):
            end += 1
            continue
        if is_crossed and not remaining and end - start >= _ROWS:
            break
        occupied, gutters, end = wider, remaining, end + 1
    return end, gutters


def _is_overhang(
    row: list[Segment], gutters: list[float], occupied: list[tuple[float, float]]
) -> bool:
    """Return whether the texts across a gutter end in the first third of the next column, whose own
    text begins at its edge.
    """
    for gutter, end in itertools.pairwise([*gutters, occupied[-1][1]]):
        edge = min(x0 for x0, _ in occupied if x0 > gutter)
        beyond = min((segment.x0 for segment in row if gutter < segment.x0 < end), default=edge)
        for segment in row:
            is_crossing = segment.x0 < gutter < segment.x1
            is_long = segment.x1 - gutter > 0.33 * (end - gutter)
            if is_crossing and (is_long or abs(beyond - edge) > 0.3 * segment.size):
                return False
    return True


def _add(occupied: list[tuple[float, float]], row: Sequence[Segment]) -> list[tuple[float, float]]:
    """Return the intervals that text covers, with those of a further row."""
    merged = list[tuple[float, float]]()
    for x0, x1 in sorted([*occupied, *((segment.x0, segment.x1) for segment in row)]):
        if merged and x0 <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], x1)
        else:
            merged.append((x0, x1))
    return merged


def _gutters(
    occupied: list[tuple[float, float]],
    width: float,
    least: float = math.inf,
    known: Sequence[float] = (),
) -> list[float]:
    """Return the centres of gaps of this width; one at a ``known`` gutter may be ``least`` wide."""
    return [
        (start + end) / 2
        for (_, start), (end, _) in itertools.pairwise(occupied)
        if end - start >= width
        or (end - start >= least and any(start < gutter < end for gutter in known))
    ]


def split(segments: Iterable[Segment], gutters: list[float]) -> list[list[Segment]]:
    """Return the segments between gutters, from left to right."""
    parts: list[list[Segment]] = [[] for _ in range(len(gutters) + 1)]
    for segment in segments:
        parts[bisect_left(gutters, segment.x0)].append(segment)
    return parts


def is_table(parts: Sequence[Sequence[Segment]], band: Sequence[Sequence[Segment]]) -> bool:
    """Return whether parts beside each other are cells of a table: short lines, or written row by
    row.
    """
    if len(band) < 2:
        return True
    long = (part for part in parts if len(part) >= _ROWS)
    if not all(_is_text(part) or _has_text_columns(part) for part in long):
        return sum(len(row) > 1 for row in band) >= 0.3 * len(band)
    return False


def _turns(parts: Sequence[Sequence[Segment]]) -> float:
    """Return how often per line the file changes between the longest parts; 0: hardly."""
    parts = sorted(parts, key=len)[-2:]
    top, bottom = (choose(part[end].y for part in parts) for choose, end in ((min, 0), (max, -1)))
    order = sorted(
        (segment.order, number, round(segment.y))
        for number, part in enumerate(parts)
        for segment in part
        if bottom - 1 <= segment.y <= top + 1
    )
    runs = len([*itertools.groupby(order, itemgetter(1))])
    return runs / len({line[1:] for line in order}) if runs > 3 else 0.0


def _is_text(part: Sequence[Segment]) -> bool:
    """Return whether most segments fill the width and have several words."""
    rows = rows_of(part)
    texts = [[word.text for segment in row for word in segment.words] for row in rows]
    counts = (sum(max(1, sum(map(is_unspaced, text)) // 2) for text in row) for row in texts)
    fill = statistics.median(map(_width, rows)) / max(_width(part), 1.0)
    return fill > 0.6 and statistics.median(counts) >= 3


def _width(segments: Sequence[Segment]) -> float:
    return max(segment.x1 for segment in segments) - min(segment.x0 for segment in segments)


def _has_text_columns(part: Sequence[Segment]) -> bool:
    """Return whether most rows are columns of text, whose gutter a long word hid."""
    rows = rows_of(part)
    band, gutters = max(bands_of(rows, 1), key=lambda found: len(found[0]))
    parts = split([s for row in band for s in row], gutters)
    return 2 * len(band) > len(rows) and bool(gutters) and all(map(_is_text, parts))


def table_rows(band: list[list[Segment]], gutters: list[float]) -> Iterator[list[list[Segment]]]:
    """Yield the cells of each row, with their segments in order."""
    steps = [above[0].y - below[0].y for above, below in itertools.pairwise(band)]
    least = min(steps, default=0.0)
    wide = [step > 1.2 * least for step in steps]
    has_gaps = sum(wide) >= 2 and not all(wide)
    groups = [[band[0]]]
    for row, is_wide in zip(band[1:], wide, strict=True):
        if is_wide if has_gaps else len(row) > 1:
            groups.append([])
        groups[-1].append(row)
    for group in groups:
        cells = split([*itertools.chain.from_iterable(group)], gutters)
        yield [sorted(cell, key=lambda s: (-round(s.y), s.x0)) for cell in filter(None, cells)]


# words of a page whose places are compared; a page with more is read in the order of the file
MAX_WORDS = 6_000
_SPACE = 0.6  # of the type size: a wider gap on a line may separate columns

_LABEL = re.compile(r"[•‣▪●○◦■□–—*·§-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]")
_LABEL_GAP = 3.0  # of the type size: the widest gap between the label of a list's item and its text
_DEPTH = 4  # bands within columns within bands


@dataclass(slots=True)
class Line:
    """A line of text; ``is_row``: a table's row. In right-to-left text, places are mirrored."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    column: int  # lines of the same column follow each other
    is_bold: bool
    is_row: bool = False


def read_lines(words: Sequence[Word], *, is_rtl: bool) -> list[Line]:
    """Return the lines of a page in reading order."""
    for word in words if is_rtl else ():
        word.x0, word.x1 = -word.x1, -word.x0
    segments = _segments(words)
    if len(words) > MAX_WORDS:
        return [_line([segment], 0) for segment in segments]
    columns: list[list[Line]] = []
    _read_region(segments, columns, 0)
    return [*itertools.chain.from_iterable(columns)]


def _segments(words: Sequence[Word]) -> list[Segment]:
    """Return the words as segments, in the order of the file."""
    segments = list[Segment]()
    for word in words:
        last = segments[-1] if segments else None
        if last and _is_next(last, word):
            last.words.append(word)
            last.x0, last.x1 = min(last.x0, word.x0), max(last.x1, word.x1)
            if word.size > last.size:
                last.y, last.size = word.y, word.size
        else:
            segments.append(Segment([word], word.x0, word.x1, word.y, word.size))
    return segments


def _is_next(segment: Segment, word: Word) -> bool:
    is_label = len(segment.words) == 1 and _LABEL.fullmatch(segment.words[0].text)
    size = max(segment.size, word.size)
    gap = word.x0 - segment.words[-1].x1
    is_near = -0.5 * word.size < gap < (_LABEL_GAP if is_label else _SPACE) * size
    return is_near and abs(word.y - segment.y) < 0.45 * size


def _read_region(segments: list[Segment], columns: list[list[Line]], depth: int) -> None:
    """Append the lines of each column, and of each row of a table, in reading order."""
    for band, gutters in bands_of(rows_of(segments), depth):
        inside = [*itertools.chain.from_iterable(band)]
        parts = split(inside, gutters)
        if not gutters or depth == _DEPTH:
            rows = (sorted(row, key=attrgetter("x0")) for row in rows_of(inside))
            columns.append([_line(row, len(columns)) for row in rows])
        elif is_table(parts, band):
            for cells in table_rows(band, gutters):
                columns.append([_table_line(cells, len(columns))])
        else:
            for part in parts:
                _read_region(part, columns, depth + 1)


def _table_line(cells: list[list[Segment]], number: int) -> Line:
    """Return the line of a table's row, with a mark between cells as in web pages."""
    line = _line([segment for cell in cells for segment in cell], number)
    texts = ([word for segment in cell for word in segment.words] for cell in cells)
    line.text, line.is_row = " | ".join(map(join_words, texts)), True
    return line


def _line(segments: Sequence[Segment], number: int) -> Line:
    words = [word for segment in segments for word in segment.words]
    x0, x1, y = segments[0].x0, max(segment.x1 for segment in segments), segments[0].y
    is_bold = sum(len(word.text) * (2 * word.is_bold - 1) for word in words) > 0
    size = usual_size((word.size, word.text) for word in words)
    return Line(join_words(words), x0, x1, y, size, number, is_bold)


def join_words(words: Sequence[Word]) -> str:
    """Return the words as a text, with spaces except in scripts without them."""
    text = functools.reduce(join, [word.text for word in words])
    return text.replace("\u00ad ", "-")
