"""Read the text of a Word file (.docx) from its XML, within limits; macros, links and embedded
files are never opened.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from lxml import etree

from tidings.extraction.document import Document, Part
from tidings.extraction.parse import squeeze
from tidings.extraction.records import Unclean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAX_XML = 40_000_000  # bytes of a decompressed part
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = {
    f"{_W}del",
    f"{_W}instrText",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_TITLES = {"title", "titel", "titre", "heading1", "berschrift1", "1"}
_TITLE_SIZE = 20.0  # points, in place of the size of a style


def read_docx(body: bytes) -> Document | Unclean:
    """Return the text of a Word file with its footnotes at the end, or the outcome encrypted,
    too_large, empty or unparsable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            text = _read_part(file, "word/document.xml")
            notes = _read_part(file, "word/footnotes.xml")
            core = _read_part(file, "docProps/core.xml")
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        OSError,
        EOFError,
        NotImplementedError,
    ) as error:
        return Unclean("unparsable", f"The Word file is damaged: {error}"[:300])
    except RuntimeError:
        return Unclean("encrypted", "The document opens only with a password.")
    except _TooLargeError:
        return Unclean("too_large", f"A part of the Word file has more than {MAX_XML:,} bytes.")
    parts = [*_paragraphs(text), *_paragraphs(notes)]
    if not parts:
        return Unclean("empty", "The document contains no text.")
    values = {
        etree.QName(element).localname: element.text or "" for element in core.iterchildren("*")
    }
    created = _DAY.match(values.get("created", ""))
    return Document(
        parts, stated_title=values.get("title", ""), created=created[0] if created else None
    )


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
    # Without comments and processing instructions, every node is an element, and the text around
    # one stays in one piece.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(xml, parser)


def _paragraphs(root: Any) -> Iterator[Part]:
    """Yield the paragraphs and the rows of tables, whose cells are separated as in tables of web
    pages.
    """
    for element in _walk(root, {f"{_W}tr", f"{_W}p"}):
        if element.tag == f"{_W}tr":
            own = [
                cell
                for cell in element.iter(f"{_W}tc")
                if next(cell.iterancestors(f"{_W}tr")) is element
            ]
            # a table in a cell is part of its text
            cells = [squeeze(" ".join(map(_text, cell.iter(f"{_W}p")))) for cell in own]
            if any(cells):
                yield Part(" | ".join(filter(None, cells)))
        else:
            size = _TITLE_SIZE * _is_title(element)
            for text in filter(None, map(squeeze, _text(element).split("\n\n"))):
                yield Part(text, size)


def _text(paragraph: Any) -> str:
    """Return the text of a paragraph, without deleted text, field codes and second versions of
    drawings.
    """
    parts = _walk(paragraph, {f"{_W}t", *_SIGNS})
    return "".join(_SIGNS.get(part.tag, part.text or "") for part in parts)


def _walk(root: Any, wanted: Collection[str]) -> Iterator[Any]:
    """Yield the elements below a root with these tags in order, without those in skipped parts or
    in each other; no recursion.
    """
    stack = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in wanted:
            yield element
        elif element.tag not in _SKIPPED:
            stack.append(iter(element))


def _is_title(paragraph: Any) -> bool:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return style is not None and str(style.get(f"{_W}val")).lower() in _TITLES
