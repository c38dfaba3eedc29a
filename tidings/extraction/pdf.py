"""Read the text layer of a PDF with PDFium: paragraphs with their pages, title, date. Scripts are
never run.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as pdfium

from tidings.extraction.document import Document, Part
from tidings.extraction.measures import MAX_TEXT
from tidings.extraction.pdf_layout import read_lines
from tidings.extraction.pdf_text import read_paragraphs, without_running_heads
from tidings.extraction.pdf_words import read_words
from tidings.extraction.records import Unclean

if TYPE_CHECKING:
    from tidings.extraction.pdf_layout import Line

MAX_PAGES = 1_000  # pages that are read
_MIN_LETTERS = 10  # letters per page; a document with fewer has no text layer
_UNMAPPED = 0.3  # share of characters without a meaning from which a text is unreadable
_NO_LETTER = re.compile("[\ue000-\uf8ff\ufffd]")
_DATE = re.compile(r"D?:?((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")


def read_pdf(body: bytes) -> Document | Unclean:
    """Return a document's text, or the outcome encrypted, scanned, unreadable_text or
    unparsable.
    """
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
    text = "".join(line.text for page in pages for line in page)
    if letters < _MIN_LETTERS * len(pages):
        if has_pictures:
            return Unclean(
                "scanned",
                f"All pages ({count:,}) are pictures without a text layer,"
                f" and Tidings reads no pictures.",
            )
        return Unclean("empty", "The document contains no text.")
    if len(_NO_LETTER.findall(text)) > _UNMAPPED * len(text):
        return Unclean(
            "unreadable_text",
            "The fonts of the document do not state which letters their glyphs mean.",
        )
    kept = without_running_heads(pages)
    heads = [line.text for line in pages[0] if not any(line is other for other in kept[0])]
    paragraphs = read_paragraphs(kept if any(kept) else pages)
    return Document(
        parts=[
            Part(p.text.replace("\u00ad", "-"), p.size, p.page, tuple(p.turns)) for p in paragraphs
        ],
        page_count=count,
        read_count=len(pages),
        stated_title=metadata.get("Title", ""),
        created=_created(metadata.get("CreationDate", "")),
        heads=heads,
    )


def _read_pages(document: Any, count: int) -> tuple[list[list[Line]], int, bool]:
    """Return the lines of the pages up to MAX_TEXT characters, the number of letters, and whether
    pages show pictures.
    """
    pages = list[list["Line"]]()
    length = letters = 0
    has_pictures = False
    for number in range(min(count, MAX_PAGES)):
        lines: list[Line] = []
        with contextlib.suppress(pypdfium2.PdfiumError):  # a damaged page is empty
            page = document[number]
            with contextlib.closing(page), contextlib.closing(page.get_textpage()) as text_page:
                lines = read_lines(read_words(text_page.raw))
                has_pictures = has_pictures or (not lines and _shows_picture(page))
        pages.append(lines)
        length += sum(len(line.text) + 1 for line in lines)
        letters += sum(map(str.isalnum, "".join(line.text for line in lines)))
        if length > MAX_TEXT:
            break
    return pages, letters, has_pictures


def _shows_picture(page: Any) -> bool:
    return any(
        pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page.raw, i))
        != pdfium.FPDF_PAGEOBJ_TEXT
        for i in range(min(50, pdfium.FPDFPage_CountObjects(page.raw)))
    )


def _created(text: str) -> str | None:
    """Return the date of creation as YYYY-MM-DD, or None if the file states none."""
    match = _DATE.match(text)
    return "-".join(match.groups()[:3]) if match else None
