"""Recognise documents and the pages that link them, choose a document's title, and read Word files
(.docx) from their XML, without macros, links and embedded files.
"""

import io
import re
import textwrap
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import accumulate
from operator import attrgetter
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from tidings.base.urls import normalise_url
from tidings.extraction.noise import is_beside
from tidings.extraction.parse import Element, plain, squeeze
from tidings.extraction.records import Hint, Unclean

DOCUMENTS = ("pdf", "docx")  # values of Cleaned.extractor for texts of documents
_HEAD = 1_024  # bytes in which a PDF must begin, as in Acrobat
_SHOWN = 60  # paragraphs in which title, date and place are searched
_MAX_TITLE_CHARS = 300  # characters of a title
_OPENING = 150  # characters of a text without a title that take its place
_LARGER = 1.12  # factor from the usual type size to the size of a title
_RED_HEAD = re.compile(r"[\u4e00-\u9fff\s]{4,30}文\s?件")  # name of the issuer and "document"
_TITLE_WITHIN = 8  # paragraphs
# Titles that programs write: names of files and programs, and placeholders.
_NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel|publisher)\b|\.(?:docx?|pdf|rtf|odt|indd|qxp|qxd|pub|"
    r"pptx?|xlsx?|tmp|html?|txt)\W*$|^\W*(?:untitled|unbenannt|sans titre|sin título|"
    r"document\s?\d*|dokument\s?\d*|about:blank|presentation\s?\d*|title|titel|layout \d+|print|"
    r"pdf|download|scan\w*|无标题|未命名)\W*\d*$",
    re.IGNORECASE,
)
_UNSPACED = (("\u3000", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef"))


@dataclass(slots=True, eq=False)
class Part:
    """A paragraph with its type size in points, its page, from 0, and the pages that begin inside
    it with their offsets.
    """

    text: str
    size: float = 0.0
    page: int = 0
    turns: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a document and its own statements.

    ``read_count`` of ``page_count`` pages were read; both are 0 in files without pages. ``created``
    is YYYY-MM-DD. ``heads`` are the running heads of the first page.
    """

    kind: str  # pdf or docx
    parts: Sequence[Part]
    page_count: int = 0
    read_count: int = 0
    stated_title: str = ""
    created: str | None = None
    heads: Sequence[str] = field(default_factory=list)

    @property
    def beginning(self) -> list[Part]:
        """The first paragraphs of the first page."""
        return [part for part in self.parts if part.page == 0][:_SHOWN]


def is_unspaced(char: str) -> bool:
    """Return whether a character belongs to a script without spaces, or to its punctuation."""
    return any(first <= char <= last for first, last in _UNSPACED)


def kind_of(body: bytes) -> str | None:
    """Return pdf, docx or doc (the older format of Word) if the bytes are one, else None."""
    if b"%PDF-" in body[:_HEAD] and body.lstrip()[:1] != b"<":
        return "pdf"
    if body.startswith(b"PK\x03\x04") and b"word/document.xml" in body:
        return "docx"
    return "doc" if body.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") else None


def title_of(document: Document, hint: Hint, url: str) -> str:
    """Return the title: the link's, else the file's if the first page shows it, else the largest
    text of the first page, which also replaces a title of the file that it contains.
    """
    texts = [*map(attrgetter("text"), document.beginning)]
    shown = plain(" ".join(texts))
    largest = _largest_text(document)
    linked, stated = squeeze(hint.title or ""), squeeze(document.stated_title)
    if _is_title(linked):
        return linked[:_MAX_TITLE_CHARS]
    words = [*filter(None, map(plain, stated.split()))]  # a title without spaces is one word
    is_shown = sum(word in shown for word in words) >= 0.6 * max(1, len(words))
    if _is_title(stated) and is_shown:
        return largest if plain(stated) in plain(largest)[:-1] else stated[:_MAX_TITLE_CHARS]
    if largest:
        return largest
    opening = textwrap.shorten(" ".join(texts[:1]), _OPENING, placeholder=" …")
    name = re.sub(r"\.\w{2,4}$", "", unquote(urlsplit(url).path).rsplit("/", 1)[-1])
    named = re.sub(r"[\s_-]+", " ", name).strip()
    return (stated if _is_title(stated) else opening) or named


def _large_parts(document: Document) -> list[Part]:
    """Return the first page's parts larger than the usual type, without the issuer's red head above
    the title of a Chinese notice.
    """
    least = _LARGER * usual_size((round(part.size, 1), part.text) for part in document.parts)
    first = (part for part in document.beginning if part.size > least)
    large = [part for part in first if sum(map(str.isalpha, part.text)) >= 4]
    return [part for part in large if not _RED_HEAD.fullmatch(part.text)] or large


def _largest_text(document: Document) -> str:
    """Return the largest text of the first page; empty if all have the usual size."""
    first, large = document.beginning, _large_parts(document)
    if not large:
        return ""
    least = 0.98 * max(map(attrgetter("size"), large))
    start = first.index(next(part for part in large if part.size >= least))
    title = first[start].text
    for part in first[start + 1 :]:  # a title may have several lines of the same size
        if part.size < least or len(title) + len(part.text) > _MAX_TITLE_CHARS:
            break
        title = join(title, part.text)
    return title[:_MAX_TITLE_CHARS]


def usual_size(texts: Iterable[tuple[float, str]]) -> float:
    """Return the type size of most characters; 0 without texts."""
    sizes = Counter[float]()
    for size, text in texts:
        sizes[size] += len(text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def join(before: str, after: str) -> str:
    """Return two texts as one, with a space except between scripts without spaces."""
    is_joined = is_unspaced(before[-1]) and is_unspaced(after[0])
    return before + after if is_joined else f"{before} {after}"


def _is_title(text: str) -> bool:
    is_long = len(re.findall(r"[^\W\d_]{2,}", text)) >= 2 or len(plain(text)) >= 6
    return is_long and "_" not in text and not _NO_TITLE.search(text)


def as_page(document: Document, title: str) -> str:
    """Return the first two pages as a web page."""
    first = [part.text for part in document.parts if part.page <= 1][:_SHOWN]
    below = [text for text in first if plain(text) != plain(title)]
    lines = "".join(f"<p>{escape(text)}</p>" for text in (*document.heads, *below))
    head = escape(title)
    return f"<html><head><title>{head}</title></head><body><h1>{head}</h1>{lines}</body></html>"


def without_leading_title(parts: Sequence[Part], title: str) -> list[Part]:
    """Return the paragraphs without headings at the beginning that repeat the title."""
    wanted, kept = plain(title), list[Part]()
    for number, part in enumerate(parts):
        text = plain(part.text)
        is_first = number < _TITLE_WITHIN and part.page == 0
        is_repeated = len(text) >= 4 and text in wanted and 5 * len(text) > len(wanted)
        if not (is_first and is_repeated) or part.text.endswith((".", "。", ";", ":")):
            kept.append(part)
    return kept or list(parts)


def page_starts(parts: Sequence[Part], count: int) -> tuple[int, ...]:
    """Return the offset of each page in the paragraphs joined by empty lines; a page without text
    has that of the next one.
    """
    first: dict[int, int] = {}
    offset = 0
    for part in parts:
        for page, place in ((part.page, 0), *part.turns):
            first.setdefault(page, offset + place)
        offset += len(part.text) + 2
    pages, end = reversed(range(count)), max(0, offset - 2)
    starts = [*accumulate((first.get(page, end) for page in pages), min)]
    return tuple(reversed(starts))


MAX_WORDS = 100  # words of a page that only leads to a document
_DOCUMENT = re.compile(r"\.(?:pdf|docx)(?=$|[?#])", re.IGNORECASE)
_TYPE = re.compile(r"application/(?:pdf|vnd\.openxmlformats-officedocument\.wordprocessingml)")
_OUTSIDE = {"nav", "header", "footer", "aside"}
_ATTRIBUTES = {"a": "href", "embed": "src", "object": "data", "iframe": "src"}


def find_documents(tree: Element, url: str) -> list[str]:
    """Return the URLs of documents outside a page's navigation; call it before ``strip``."""
    links: dict[str | None, None] = {}
    for element in tree.iter(*_ATTRIBUTES):
        target = element.get(_ATTRIBUTES[element.tag], "")
        is_document = _DOCUMENT.search(target) or _TYPE.match(element.get("type", ""))
        if is_document and not is_beside(element.iterancestors(), _OUTSIDE):
            links[normalise_url(urljoin(url, target))] = None
    return [*filter(None, links)]


MAX_XML = 40_000_000  # bytes of a decompressed part
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = {f"{_W}del", f"{_W}instrText", _FALLBACK}
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_TITLES = {"title", "titel", "titre", "heading1", "berschrift1", "1"}
_TITLE_SIZE = 20.0  # points, in place of the size of a style


_DAMAGED = (
    zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, OSError, EOFError, NotImplementedError,
)  # fmt: skip


def read_docx(body: bytes) -> Document | Unclean:
    """Return a Word file's text and notes, or encrypted, too_large, empty or unparsable."""
    names = ("word/document.xml", "word/footnotes.xml", "docProps/core.xml")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            text, notes, core = (_read_part(file, name) for name in names)
    except _DAMAGED as error:
        return Unclean("unparsable", f"The Word file is damaged: {error}"[:300])
    except RuntimeError:
        return Unclean("encrypted", "The document opens only with a password.")
    except _TooLargeError:
        return Unclean("too_large", f"A part of the Word file has more than {MAX_XML:,} bytes.")
    parts = [*_paragraphs(text), *_paragraphs(notes)]
    if not parts:
        return Unclean("empty", "The document contains no text.")
    title, day = (core.findtext(f"{{*}}{name}", "") for name in ("title", "created"))
    created = next(iter(_DAY.findall(day[:10])), None)
    return Document("docx", parts, stated_title=title, created=created)


class _TooLargeError(Exception):
    """A part of the file is larger than MAX_XML."""


def _read_part(file: zipfile.ZipFile, name: str) -> Any:
    """Return the root of an XML part, or an empty element if the file lacks it."""
    if name not in file.namelist():
        return etree.Element("missing")
    with file.open(name) as stream:
        xml = stream.read(MAX_XML + 1)
    if len(xml) > MAX_XML:
        raise _TooLargeError
    # without comments and processing instructions, the text around one stays in one piece
    parser = etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True)
    return etree.fromstring(xml, parser)


def _paragraphs(root: Any) -> Iterator[Part]:
    for element in _walk(root, {f"{_W}tr", f"{_W}p"}):
        if element.tag == f"{_W}tr":
            # a table in a cell is part of its text
            cells = (
                squeeze(" ".join(map(_text, cell.iter(f"{_W}p"))))
                for cell in element.iter(f"{_W}tc")
                if next(cell.iterancestors(f"{_W}tr")) is element
            )
            if row := " | ".join(filter(None, cells)):
                yield Part(row)
            continue
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name = "" if style is None else str(style.get(f"{_W}val")).lower()
        for text in filter(None, map(squeeze, _text(element).split("\n\n"))):
            yield Part(text, _TITLE_SIZE * (name in _TITLES))


def _text(paragraph: Any) -> str:
    """Return a paragraph's text without deleted text, field codes and second drawings."""
    parts = _walk(paragraph, {f"{_W}t", *_SIGNS})
    return "".join(_SIGNS.get(part.tag, part.text or "") for part in parts)


def _walk(root: Any, wanted: Collection[str]) -> Iterator[Any]:
    """Yield the elements with these tags in order, not those in skipped parts or in each other."""
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        is_wanted = element.tag in wanted and element is not root
        if is_wanted or element.tag in _SKIPPED:
            walk.skip_subtree()
        if is_wanted:
            yield element
