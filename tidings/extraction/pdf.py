"""Read the text layer of a PDF with PDFium, which runs no scripts, as paragraphs."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tidings.extraction.document import Document, Part, is_unspaced, join, usual_size
from tidings.extraction.measures import MAX_TEXT
from tidings.extraction.pdf_layout import Line, read_lines
from tidings.extraction.pdf_words import read_words
from tidings.extraction.records import Unclean

Placed = list[tuple[int, Line]]  # the lines of a page with their edges

MAX_PAGES = 1_000  # pages that are read
_MIN_LETTERS = 10  # letters per page; a document with fewer has no text layer
_UNMAPPED = 0.3  # share of characters without a meaning from which a text is unreadable
_NO_LETTER = re.compile("[\ue000-\uf8ff\ufffd]")
_DATE = re.compile(r"^D?:?((?:19|20)\d\d)(\d\d)(\d\d)")


def read_pdf(body: bytes) -> Document | Unclean:
    """Return a document's text, or encrypted, scanned, unreadable_text, empty or unparsable."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
            return Unclean("encrypted", "The document opens only with a password.")
        return Unclean("unparsable", "The PDF file is damaged: PDFium finds no pages in it.")
    with contextlib.closing(document):
        count = len(document)
        pages, letters, has_pictures = _read_pages(document, count)
        metadata = document.get_metadata_dict(skip_empty=True)
    if letters < _MIN_LETTERS * len(pages):
        layer = f"All pages ({count:,}) are pictures without a text layer"
        if has_pictures:
            return Unclean("scanned", f"{layer}, and Tidings reads no pictures.")
        return Unclean("empty", "The document contains no text.")
    text = "".join(map(attrgetter("text"), itertools.chain.from_iterable(pages)))
    if len(_NO_LETTER.findall(text)) > _UNMAPPED * len(text):
        reason = "The fonts of the document do not state which letters their glyphs mean."
        return Unclean("unreadable_text", reason)
    kept = without_running_heads(pages)
    below = set(map(id, kept[0]))
    return Document(
        "pdf",
        parts=read_paragraphs(kept if any(kept) else pages),
        page_count=count,
        read_count=len(pages),
        stated_title=metadata.get("Title", ""),
        created=next(map("-".join, _DATE.findall(metadata.get("CreationDate", ""))), None),
        heads=[line.text for line in pages[0] if id(line) not in below],
    )


def _read_pages(document: Any, count: int) -> tuple[list[list[Line]], int, bool]:
    """Return the lines of the pages up to MAX_TEXT characters, the number of letters, and whether
    pages without text show pictures.
    """
    pages = list[list[Line]]()
    length = letters = 0
    has_pictures = False
    for number in range(min(count, MAX_PAGES)):
        lines: list[Line] = []
        with contextlib.suppress(pypdfium2.PdfiumError):  # a damaged page is empty
            page = document[number]
            with contextlib.closing(page), contextlib.closing(page.get_textpage()) as text_page:
                words, is_rtl = read_words(text_page.raw)
                lines = read_lines(words, is_rtl=is_rtl)
                has_pictures = has_pictures or (not lines and _shows_picture(page))
        pages.append(lines)
        text = "\n".join(map(attrgetter("text"), lines))
        length += len(text) + 1
        letters += sum(map(str.isalnum, text))
        if length > MAX_TEXT:
            break
    return pages, letters, has_pictures


def _shows_picture(page: Any) -> bool:
    return any(
        pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page.raw, i))
        != pdfium.FPDF_PAGEOBJ_TEXT
        for i in range(min(50, pdfium.FPDFPage_CountObjects(page.raw)))
    )


_EDGE = 3  # rows at the top and the bottom of a page that may be running heads or page numbers
_LARGER = 1.12  # of the usual type size: headings and the text of slides are never page numbers
_SAME_SIZE = 0.08  # difference of type sizes, as a share
_NOTE_SIZE = 0.93  # of the usual type size
_NOTE = re.compile(r"[(\[]?(?:\d{1,3}|[*†‡§]{1,3}|[a-z](?=[)\s]))[)\].]?\s*\S")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{1,5}|\b[ivxl]{1,7}\b", re.IGNORECASE)
_ONLY_NUMBER = re.compile(
    r"[\W_]*(?:pp?|page|s(?:eite)?|p[áa]gina|стр|صفحة|第)?[\W_]*(?:\d{1,5}|[ivxl]{1,7})"
    r"[\W_]*(?:of|von|de|di|sur|из|共)?[\W_]*\d{0,5}[\W_]*[页頁]?[\W_]*",
    re.IGNORECASE,
)
_HYPHEN = ("-", "\u00ad")
_END = re.compile(r"[.!?:;。！？：；؟۔…][\"'”’»)\]」』]*$")
_BULLET = re.compile(r"[•‣▪●○◦■□–—*·]\s|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s")
_YEARS = range(1900, 2100)  # numbers that are years as well as pages
# English words that keep their hyphen
_COMPOUND = re.compile(r"(?:mid|low|new|[a-z]{4,})-(?:term|based|level|scale|related)")
_SUSPENDED = re.compile(r"(?:and|or|to|und|oder|bis|sowie|bzw\.|et|ou|y|o|e|en|of)\b")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_TAIL = re.compile(r"[^\W_]+(?:-[^\W_]+)*$")
_HEAD = re.compile(r"[^\W_]+")


@dataclass(slots=True, eq=False)
class Paragraph(Part):
    """A paragraph with its type; ``is_full``: its last line ends at the column's edge."""

    is_bold: bool = False
    is_note: bool = False
    is_full: bool = False


_IS_NOTE = attrgetter("is_note")


def read_paragraphs(kept: Sequence[Sequence[Line]]) -> list[Paragraph]:
    """Return the paragraphs of a document from the lines of its pages. One that continues on the
    next page follows the footnotes of its first page, so that each page's text is together.
    """
    lines = [*itertools.chain.from_iterable(kept)]
    usual = usual_size((round(line.size * 2) / 2, line.text) for line in lines)
    hyphens = Hyphens(map(attrgetter("text"), lines))
    paragraphs = list[Paragraph]()
    for number, page in enumerate(kept):
        found = _read_page(page, number, usual, hyphens)
        body = [*itertools.filterfalse(_IS_NOTE, found)]
        before = next(itertools.filterfalse(_IS_NOTE, reversed(paragraphs)), None)
        if before and body and _continues(before, body[0]):
            first = body.pop(0)
            paragraphs.remove(before)
            offset = _append(before, first, hyphens)
            before.turns += [(number, offset)]
            before.turns += [(page, offset + place) for page, place in first.turns]
            paragraphs.append(before)
        paragraphs += [*body, *filter(_IS_NOTE, found)]
    for paragraph in paragraphs:
        paragraph.text = paragraph.text.replace("\u00ad", "-")
    return paragraphs


def _append(before: Paragraph, after: Paragraph, hyphens: Hyphens) -> int:
    """Append a paragraph's text to the one before, and return its offset there."""
    before.text = hyphens.join(before.text, after.text)
    before.is_full = after.is_full
    return len(before.text) - len(after.text)


def _read_page(
    page: Sequence[Line], number: int, usual: float, hyphens: Hyphens
) -> list[Paragraph]:
    """Return the paragraphs of a page; footnotes are marked."""
    columns: defaultdict[int, list[Line]] = defaultdict(list)
    for line in page:
        columns[line.column].append(line)
    paragraphs = list[Paragraph]()
    for lines in columns.values():
        found = _read_column(lines, number, hyphens)
        # footnotes at the end of a column: small paragraphs without usual text below
        small = [*itertools.takewhile(lambda p: p.size <= _NOTE_SIZE * usual, reversed(found))]
        for note in itertools.dropwhile(lambda p: not _NOTE.match(p.text), reversed(small)):
            note.is_note = True
        if paragraphs and not lines[0].is_row and _continues(paragraphs[-1], found[0]):
            _append(paragraphs[-1], found.pop(0), hyphens)
        paragraphs += found
    return paragraphs


def _read_column(lines: Sequence[Line], number: int, hyphens: Hyphens) -> list[Paragraph]:
    pairs = itertools.pairwise(lines)
    steps = sorted(a.y - b.y for a, b in pairs if a.y > b.y and _is_same_size(a.size, b.size))
    # most steps may be those between paragraphs of a line each
    leading = steps[len(steps) // 4] if steps else 0.0
    ends = sorted(map(attrgetter("x1"), lines))
    # some words are too long for their column
    edges = min(map(attrgetter("x0"), lines)), ends[-1 - len(ends) // 10]
    paragraphs = list[Paragraph]()
    begun: list[Line] = []
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if begun and not _begins(line, begun, following, leading, edges):
            paragraphs[-1].text = hyphens.join(paragraphs[-1].text, line.text)
            begun.append(line)
        else:
            paragraphs.append(Paragraph(line.text, line.size, number, is_bold=line.is_bold))
            begun = [line]
        paragraphs[-1].is_full = edges[1] - line.x1 < 2 * line.size and not line.is_row
    return paragraphs


def _begins(
    line: Line,
    begun: Sequence[Line],
    following: Line | None,
    leading: float,
    edges: tuple[float, float],
) -> bool:
    """Return whether a line begins a paragraph after the lines of the current one."""
    before = begun[-1]
    if not _is_same_type(line, before):
        return True
    if _is_divided(before.text, line.text):
        return False
    step = 0.7 * line.size
    # far below the line before it
    if _BULLET.match(line.text) or before.y - line.y > 1.3 * max(leading, 1.15 * before.size):
        return True
    if line.x0 > before.x0 + step and not _is_below_middle(before, line):
        # to the right of the next line, or after a sentence
        is_right = following is None or following.x0 < line.x0 - 0.35 * line.size
        return is_right or bool(_END.search(before.text))
    # the item after a hanging indent
    is_hanging = max(begun[0].x0, line.x0) < before.x0 - step
    return is_hanging or _has_room(before, line, *edges)


def _has_room(before: Line, line: Line, left: float, right: float) -> bool:
    """Return whether the author broke the line: its first word had room on the one before."""
    word = line.text.split(" ", 1)[0]
    width = (line.x1 - line.x0) * (len(word) + 1) / max(len(line.text), 1)
    if is_unspaced(line.text[0]):
        width = line.size
    # centred, a quotation or an item
    if before.x0 - left > 2 * before.size and right - before.x1 > 2 * before.size:
        return before.text.endswith((";", "；")) and not _is_below_middle(before, line)
    return right - before.x1 > 1.15 * width + 0.3 * line.size


def _is_below_middle(before: Line, line: Line) -> bool:
    return (
        abs(before.x0 + before.x1 - line.x0 - line.x1) < line.size
        and abs(before.x0 - line.x0) > 0.5 * line.size
    )


def _is_same_size(first: float, second: float) -> bool:
    return abs(first - second) <= _SAME_SIZE * max(first, second)


def _is_same_type(first: Line | Paragraph, second: Line | Paragraph) -> bool:
    return _is_same_size(first.size, second.size) and first.is_bold == second.is_bold


def _is_divided(before: str, after: str) -> bool:
    """Return whether a hyphen divides a word at a line's end."""
    return before.endswith(_HYPHEN) and after[0].islower()


def _continues(before: Paragraph, after: Paragraph) -> bool:
    """Return whether a paragraph continues one of the column or page before."""
    if not _is_same_type(before, after) or before.is_note != after.is_note:
        return False
    if _is_divided(before.text, after.text):
        return True
    return before.is_full and not _END.search(before.text) and not _BULLET.match(after.text)


def without_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return each page's lines without those that near pages repeat at the same edge, and page
    numbers; numbered headings that also occur inside pages remain.
    """
    placed = [*map(_placed, pages)]
    heads = _RunningHeads(placed)
    return [
        [line for edge, line in page if not (edge and heads.contain(number, edge, line))]
        for number, page in enumerate(placed)
    ]


class _RunningHeads:
    """The lines that pages repeat, and their numbers."""

    def __init__(self, pages: Sequence[Placed]) -> None:
        self._places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for number, page in enumerate(pages):
            for edge, line in page:
                self._places[_key(line.text), edge].append(number)
        lines = itertools.chain.from_iterable(pages)
        self._largest = _LARGER * usual_size((line.size, line.text) for _, line in lines)
        self._offsets = _number_offsets(pages)
        self._is_only = len(pages) == 1

    def contain(self, number: int, edge: int, line: Line) -> bool:
        """Return whether a line at the edge of a page is a running head or the page's number."""
        key = _key(line.text)
        is_numbered = "#" in key and (key, 0) in self._places
        # even and odd pages may have different heads
        is_repeated = any(0 < abs(other - number) <= 2 for other in self._places[key, edge])
        is_head = is_repeated and not is_numbered
        return is_head or self._is_page_number(number, self._offsets.get(edge), line)

    def _is_page_number(self, number: int, usual: int | None, line: Line) -> bool:
        """Return whether a line is its page's number, alone or at an end of a running head."""
        if len(line.text) > 120:
            return False
        if _ONLY_NUMBER.fullmatch(line.text):
            alone = 1 if self._is_only else -1
            return (alone if usual is None else number + usual) in _numbers(line.text)
        words = line.text.split()
        is_short = line.size <= self._largest and len(words) <= 12
        return usual is not None and is_short and str(number + usual) in {words[0], words[-1]}


def _number_offsets(pages: Sequence[Placed]) -> dict[int, int]:
    """Return by edge the usual difference between a page's number and place."""
    counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for number, page in enumerate(pages):
        found: defaultdict[int, set[int]] = defaultdict(set)
        for edge, line in page:
            if len(line.text.split()) <= 12:
                found[edge].update(n - number for n in _numbers(line.text))
        for edge, values in found.items():
            counts[edge].update(values)
    least, least_of_years = max(2, 0.4 * len(pages)), max(3, 0.8 * len(pages))
    return {
        edge: value
        for edge, values in counts.items()
        for value, count in values.most_common(1)
        if count >= (least_of_years if value in _YEARS else least)
    }


def _placed(page: Sequence[Line]) -> Placed:
    """Return the lines of a page with their edge: 1 in the first rows, -1 in the last, else 0."""
    levels = sorted({round(line.y) for line in page}, reverse=True)
    edges = dict.fromkeys(levels[max(_EDGE, len(levels) - _EDGE) :], -1)
    edges |= dict.fromkeys(levels[:_EDGE], 1)
    return [(edges.get(round(line.y), 0), line) for line in page]


def _key(text: str) -> str:
    return _DIGITS.sub("#", " ".join(text.split())).casefold()


def _numbers(text: str) -> set[int]:
    """Return the numbers in a line, Roman ones included."""
    return {int(found) if found.isdigit() else _roman(found) for found in _NUMBER.findall(text)}


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[char] for char in text.lower()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


class Hyphens:
    """Joins lines; the document's words decide whether a hyphen at an end belongs to its word."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = Counter[str]()
        is_divided = False
        for text in texts:
            words = _WORD.findall(text)[is_divided:]
            is_divided = text.endswith(_HYPHEN)
            self._words.update(word.casefold() for word in (words[:-1] if is_divided else words))

    def join(self, before: str, after: str) -> str:
        """Return two lines as one text."""
        if not before.endswith(_HYPHEN):
            return join(before, after)
        stem = before[:-1]
        if not stem[-1:].isalnum() or _SUSPENDED.match(after):
            return f"{stem}- {after}"
        return stem + ("-" if self._is_real(stem, after) else "") + after

    def _is_real(self, stem: str, after: str) -> bool:
        head, tail = _TAIL.search(stem), _HEAD.match(after)
        if not (head and tail) or stem[-1].isdigit() or not after[0].islower():
            return True
        first, second = head[0].casefold(), tail[0].casefold()
        last = first.rsplit("-", 1)[-1]
        with_hyphen, without = self._words[f"{first}-{second}"], self._words[last + second]
        if with_hyphen or without:
            return with_hyphen > without
        if _COMPOUND.fullmatch(f"{last}-{second}"):
            return True
        return len(last) > 2 and len(second) > 3 and min(self._words[last], self._words[second]) > 0
