"""Word files become articles, or named outcomes."""

import datetime as dt
import io
import zipfile

from tests.extraction.documents import W, docx
from tidings.extraction import Cleaned, Page, Unclean, clean

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
CREATED = dt.datetime(2024, 5, 9, tzinfo=dt.UTC)
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>Order on"
    " limes</dc:title><dcterms:created>2024-05-09T10:00:00Z</dcterms:created></cp:coreProperties>"
)


def read(body: bytes) -> Cleaned | Unclean:
    """Return the result of extracting a document."""
    url = "https://town.example/a.docx"
    return clean(Page(url, url, body, None, NOW))


def article(*parts: str) -> Cleaned:
    """Return the article of a Word file with these parts."""
    found = read(docx(*parts))
    assert isinstance(found, Cleaned), found
    return found


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of one run."""
    return f"<w:p>{style}<w:r><w:t>{text}</w:t></w:r></w:p>"


def row(*cells: str) -> str:
    """Return a table of one row."""
    return f"<w:tbl><w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr></w:tbl>"


def test_a_word_file_becomes_an_article() -> None:
    """Paragraphs, rows and footnotes are in order; deleted text and field codes are not."""
    title = paragraph("Order on limes", '<w:pPr><w:pStyle w:val="Title"/></w:pPr>')
    text = (
        "<w:p><w:r><w:t>The town will plant</w:t><w:tab/><w:t>four hundred limes.</w:t></w:r>"
        "<w:del><w:r><w:t>oaks</w:t></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    table = row(paragraph("a"), paragraph("b"))
    notes = f"<w:footnote>{paragraph('Dug in 1790.')}</w:footnote>"
    found = article(title + text + table, CORE, notes)
    assert (found.title, found.extractor, found.page_offsets) == ("Order on limes", "docx", ())
    assert found.paragraphs == ("The town will plant four hundred limes.", "a | b", "Dug in 1790.")
    assert found.published_at == CREATED


def test_comments_and_instructions_are_ignored() -> None:
    """XML comments, instructions and entities neither lose the document nor cut its text."""
    extra = "<!-- note --><?tool x?>"
    body = (paragraph("The town #plants limes.") + row(paragraph("a#b"))).replace("<", "#<")
    core = CORE.replace("dc:title>", "dc:title>#").replace("limes", "#limes#")
    core = '<!DOCTYPE x [<!ENTITY a "b">]>' + core.replace("</cp:core", "&a;</cp:core")
    notes = f"#<w:footnote>{paragraph('The town #plants limes.')}</w:footnote>"
    found = article(*(part.replace("#", extra) for part in (body, core, notes)))
    assert (found.title, found.published_at) == ("Order on limes", CREATED)
    assert found.paragraphs == ("The town plants limes.", "ab", "The town plants limes.")


def test_a_table_within_a_cell_is_read_once() -> None:
    """The text of nested tables, which programs use for layout, is part of the outer cell."""
    inner = row(row(row(paragraph("The town plants limes."))))
    assert article(inner).paragraphs == ("The town plants limes.",)


def test_hostile_word_files_have_named_outcomes() -> None:
    """Parts that decompress to much more, multiplying entities and damage are refused."""
    entities = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    entities += "".join(
        f'<!ENTITY {name} "{f"&{chr(ord(name) - 1)};" * 10}">' for name in "bcdefghij"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        document = f"<w:document {W}>{paragraph('&j;')}</w:document>"
        file.writestr("word/document.xml", f"{entities}]>{document}")
    for body, outcome in (
        (docx(paragraph("a" * 41_000_000)), "too_large"),
        (target.getvalue(), "unparsable"),
        (docx("<w:p/>"), "empty"),
        (docx("<w:p/>")[:-30], "unparsable"),
    ):
        found = read(body)
        assert isinstance(found, Unclean)
        assert found.outcome == outcome
