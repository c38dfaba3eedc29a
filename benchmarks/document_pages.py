"""Write test documents as PDF: lines placed on a canvas with a known reading order, and pages
printed by Chromium.
"""

from __future__ import annotations

import io
import random
import re
import shutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
# places for a hyphen at a line end
_SPLIT = re.compile(r"(?<=[^\W\d_][^\W\d_][aeiouyäöü])(?=[bcdfghjklmnpqrstvwxz][^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class Layout:
    """The geometry of a canvas document, in points.

    ``stream`` is the order in which the lines are written: read, interleaved (line by line across
    columns) or shuffled (whole columns in random order). ``heads`` are the running heads of odd and
    even pages. ``footnotes`` is the number of paragraphs from one footnote to the next; 0: none.
    ``rotate`` is the angle of the page in degrees.
    """

    columns: int = 1
    size: float = 10
    leading: float = 12.5
    width: float = 595
    height: float = 842
    margin: float = 60
    gutter: float = 18
    indent: float = 0
    gap: float = 6
    font: str = "Times-Roman"
    is_justified: bool = True
    hyphenates: bool = True
    heads: tuple[str, str] = ("", "")
    number: str = ""
    stream: str = "read"
    footnotes: int = 0
    rotate: int = 0


@dataclass(slots=True)
class Line:
    """A line to be drawn: its place, its words and whether its words fill the column."""

    x: float
    y: float
    words: list[str]
    size: float
    width: float
    is_full: bool
    font: str


def break_lines(
    text: str, layout: Layout, size: float, width: float
) -> Iterator[tuple[list[str], bool]]:
    """Yield the words of each line, and whether the line is filled; a word may be divided with a
    hyphen.
    """
    words, line = text.split(), list[str]()
    space = stringWidth(" ", layout.font, size)
    room = width - layout.indent
    while words:
        word = words.pop(0)
        length = stringWidth(word, layout.font, size) + (space if line else 0)
        if length <= room:
            line.append(word)
            room -= length
            continue
        parts = [part for part in _SPLIT.split(word) if part]
        heads = (
            ["".join(parts[:i]) + "-" for i in range(len(parts) - 1, 0, -1)]
            if layout.hyphenates
            else []
        )
        if "-" in word[2:-2]:  # a line may end after a real hyphen
            heads = [word[: word.index("-", 2) + 1]]
        head = next(
            (head for head in heads if stringWidth(head, layout.font, size) + space <= room), None
        )
        if head:
            line.append(head)
            rest = word[len(head) :] if word.startswith(head) else word[len(head) - 1 :]
            words.insert(0, rest)
        else:
            words.insert(0, word)
        yield line, True
        line, room = [], width
    yield line, False


class Setter:
    """Sets paragraphs into columns and pages, and collects the text in reading order."""

    def __init__(self, layout: Layout, rng: random.Random) -> None:
        self.layout, self.rng = layout, rng
        self.pages: list[list[list[Line]]] = []
        self.expected: list[list[str]] = []
        self._open_page()

    def _open_page(self) -> None:
        self.pages.append([[] for _ in range(self.layout.columns)])
        self.expected.append([])
        self.notes: list[str] = []
        self.column, self.y = 0, self.top
        self.bottom = self.layout.margin + 10

    @property
    def top(self) -> float:
        """The baseline of a page's first line."""
        return self.layout.height - self.layout.margin - 20

    @property
    def column_width(self) -> float:
        """The width of a column."""
        layout = self.layout
        return (
            layout.width - 2 * layout.margin - (layout.columns - 1) * layout.gutter
        ) / layout.columns

    def paragraph(self, text: str, size: float = 0, note: str = "", font: str = "") -> None:
        """Set a paragraph; ``note`` is a footnote to it."""
        layout = self.layout
        size = size or layout.size
        if note:
            self.reserve(note)
        lines = list(break_lines(text, layout, size, self.column_width))
        for number, (words, is_full) in enumerate(lines):
            if self.y < self.bottom + (self.note_height() if self.notes else 0):
                self.next_column()
            x = (
                layout.margin
                + self.column * (self.column_width + layout.gutter)
                + (layout.indent if number == 0 else 0)
            )
            room = self.column_width - (layout.indent if number == 0 else 0)
            self.pages[-1][self.column].append(
                Line(x, self.y, words, size, room, is_full, font or layout.font)
            )
            self.y -= layout.leading * size / layout.size
        self.expected[-1].append(text)
        self.y -= layout.gap

    def reserve(self, note: str) -> None:
        """Keep a footnote for the end of the page."""
        if self.y < self.bottom + self.note_height() + 60:
            self.next_page()
        self.notes.append(note)

    def note_height(self) -> float:
        """Return the height of the page's footnotes."""
        layout, size = self.layout, self.layout.size - 2
        width = layout.width - 2 * layout.margin
        count = sum(len(list(break_lines(note, layout, size, width))) for note in self.notes)
        return count * (size + 2) + 14

    def next_column(self) -> None:
        """Continue in the next column, or on the next page."""
        self.column, self.y = self.column + 1, self.top
        if self.column == self.layout.columns:
            self.next_page()

    def next_page(self) -> None:
        """End the page: set its footnotes before a paragraph that continues on the next page."""
        self.end_notes()
        self._open_page()

    def end_notes(self) -> None:
        """Set the page's footnotes over its whole width."""
        layout, size = self.layout, self.layout.size - 2
        y = self.bottom + self.note_height() - 14
        for note in self.notes:
            for words, _ in break_lines(note, layout, size, layout.width - 2 * layout.margin):
                self.pages[-1][-1].append(
                    Line(layout.margin, y, words, size, 0, is_full=False, font=layout.font)
                )
                y -= size + 2
        self.expected[-1] += self.notes
        self.notes = []

    def write(self, **options: Any) -> bytes:
        """Return the PDF."""
        self.end_notes()
        layout, target = self.layout, io.BytesIO()
        size = (
            (layout.height, layout.width) if layout.rotate % 180 else (layout.width, layout.height)
        )
        canvas = Canvas(target, pagesize=size, **options)
        for number, columns in enumerate(self.pages, start=1):
            if layout.rotate:
                canvas.setPageRotation(layout.rotate)
                if layout.rotate == 90:
                    canvas.transform(0, 1, -1, 0, layout.height, 0)
            is_last = layout.stream == "shuffled"
            if not is_last:
                self._draw_edges(canvas, number)
            for line in self._ordered(columns):
                draw(canvas, line, is_justified=layout.is_justified)
            if is_last:
                self._draw_edges(canvas, number)
            canvas.showPage()
        canvas.save()
        return target.getvalue()

    def _ordered(self, columns: list[list[Line]]) -> list[Line]:
        if self.layout.stream == "interleaved":
            return sorted(
                (line for column in columns for line in column), key=lambda line: (-line.y, line.x)
            )
        if self.layout.stream == "shuffled":
            columns = columns.copy()
            self.rng.shuffle(columns)
        return [line for column in columns for line in column]

    def _draw_edges(self, canvas: Canvas, number: int) -> None:
        layout = self.layout
        head = layout.heads[(number + 1) % 2]
        canvas.setFont(layout.font, layout.size - 1)
        y = layout.height - layout.margin + 8
        if head and number % 2:
            canvas.drawString(layout.margin, y, head)
        elif head:
            canvas.drawRightString(layout.width - layout.margin, y, head)
        if layout.number:
            text = layout.number.format(number=number, total=len(self.pages))
            canvas.drawCentredString(layout.width / 2, layout.margin - 25, text)


def draw(canvas: Canvas, line: Line, *, is_justified: bool) -> None:
    """Draw a line; a filled line is stretched to its width by wider spaces."""
    text = " ".join(line.words)
    place = canvas.beginText(line.x, line.y)
    place.setFont(line.font, line.size)
    if is_justified and line.is_full and len(line.words) > 1:
        place.setWordSpace(
            (line.width - stringWidth(text, line.font, line.size)) / (len(line.words) - 1)
        )
    place.textOut(text)
    canvas.drawText(place)


def draw_table(
    layout: Layout,
    before: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    by_column: bool,
) -> tuple[bytes, list[str]]:
    """Return a PDF with paragraphs and a table, and its paragraphs and rows in order; cells may
    have several lines.
    """
    setter = Setter(layout, random.Random(0))
    for text in before:
        setter.paragraph(text)
    drawn: list[tuple[int, int, Line]] = []
    y = setter.y - 10
    for r, row in enumerate(rows):
        x, lowest = layout.margin, y
        for c, (cell, width) in enumerate(zip(row, widths, strict=True)):
            at = y
            for words, _ in break_lines(
                cell, Layout(hyphenates=False, font=layout.font), layout.size, width - 8
            ):
                drawn.append(
                    (r, c, Line(x, at, words, layout.size, width, is_full=False, font=layout.font))
                )
                at -= layout.leading
            x, lowest = x + width, min(lowest, at)
        y = lowest - 4
    key = (lambda item: (item[1], item[0])) if by_column else (lambda item: (item[0], item[1]))
    setter.pages[-1][-1] += [line for _, _, line in sorted(drawn, key=key)]
    return setter.write(), [*before, *(" ".join(row) for row in rows)]


@cache
def _browser() -> Any:
    return sync_playwright().start().chromium.launch(executable_path=PROGRAM, args=list(FLAGS))


def print_html(body: str, css: str, *, lang: str = "en", title: str = "", **options: Any) -> bytes:
    """Return the PDF that Chromium prints of an HTML body."""
    page = _browser().new_page()
    direction = "rtl" if lang in {"ar", "he"} else "ltr"
    style = f"@page{{size:A4;margin:20mm}} body{{font:11pt/1.35 'DejaVu Serif',serif}} {css}"
    page.set_content(
        f"<!doctype html><html lang={lang}"
        f" dir={direction}><title>{title}</title><style>{style}</style><body>{body}</body></html>"
    )
    pdf: bytes = page.pdf(prefer_css_page_size=True, **options)
    page.close()
    return pdf
