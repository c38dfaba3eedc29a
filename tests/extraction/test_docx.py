"""Word files become articles, or named outcomes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from tests.extraction.documents import W, docx
from tidings.extraction import Cleaned, Page, Unclean, clean

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>Order on"
    " limes</dc:title><dcterms:created>2024-05-09T10:00:00Z</dcterms:created></cp:coreProperties>"
)


def read(body: bytes) -> Cleaned | Unclean:
    """Return the result of extracting a document."""
    return clean(
        Page("https://town.example/a.docx", "https://town.example/a.docx", body, None, NOW)
    )


def test_a_word_file_becomes_an_article() -> None:
    """Paragraphs, rows of tables and footnotes are kept in order; deleted text, field codes and
    second versions are not.
    """
    title = (
        '<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Order on limes</w:t></w:r></w:p>'
    )
    text = (
        "<w:p><w:r><w:t>The town will plant</w:t><w:tab/><w:t>four hundred limes.</w:t></w:r>"
        "<w:del><w:r><w:t>oaks</w:t></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    table = (
        "<w:tbl><w:tr>"
        + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in "ab")
        + "</w:tr></w:tbl>"
    )
    notes = "<w:footnote><w:p><w:r><w:t>Dug in 1790.</w:t></w:r></w:p></w:footnote>"
    found = read(docx(title + text + table, CORE, notes))
    assert isinstance(found, Cleaned)
    assert (found.title, found.extractor, found.page_offsets) == ("Order on limes", "docx", ())
    assert found.paragraphs == ("The town will plant four hundred limes.", "a | b", "Dug in 1790.")
    assert found.published_at == dt.datetime(2024, 5, 9, tzinfo=dt.UTC)


def test_comments_and_instructions_are_ignored() -> None:
    """XML comments, processing instructions and entities in any part neither lose the document nor
    cut its text.
    """
    extra = "<!-- note --><?tool x?>"
    core = CORE.replace("<dc:title>", f"{extra}<dc:title>{extra}").replace(
        "limes</dc:title>", f"{extra}limes</dc:title>{extra}"
    )
    core = '<!DOCTYPE x [<!ENTITY a "b">]>' + core.replace("</cp:core", "&a;</cp:core")
    words = (
        f"{extra}<w:p>{extra}<w:r>{extra}<w:t>The town {extra}plants"
        f" limes.</w:t>{extra}</w:r></w:p>"
    )
    row = (
        f"<w:tbl>{extra}<w:tr>{extra}<w:tc>{extra}<w:p><w:r><w:t>a{extra}b</w:t></w:r></w:p>"
        "</w:tc></w:tr></w:tbl>"
    )
    found = read(docx(words + row, core, f"{extra}<w:footnote>{words}</w:footnote>"))
    assert isinstance(found, Cleaned)
    assert (found.title, found.published_at) == (
        "Order on limes",
        dt.datetime(2024, 5, 9, tzinfo=dt.UTC),
    )
    assert found.paragraphs == ("The town plants limes.", "ab", "The town plants limes.")


def test_a_table_within_a_cell_is_read_once() -> None:
    """The text of tables within tables, as programs write them for layout, is part of the outer
    cell.
    """
    inner = "<w:p><w:r><w:t>The town plants limes.</w:t></w:r></w:p>"
    for _ in range(3):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    found = read(docx(inner))
    assert isinstance(found, Cleaned)
    assert found.paragraphs == ("The town plants limes.",)


def test_hostile_word_files_have_named_outcomes() -> None:
    """A part that decompresses to much more, entities that multiply, and damaged files are
    refused.
    """
    entities = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    entities += "".join(
        f'<!ENTITY {name} "{f"&{chr(ord(name) - 1)};" * 10}">' for name in "bcdefghij"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr(
            "word/document.xml",
            f"{entities}]><w:document {W}><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:document>",
        )
    bomb = docx(f"<w:p><w:r><w:t>{'a' * 41_000_000}</w:t></w:r></w:p>")
    results = [
        read(body) for body in (bomb, target.getvalue(), docx("<w:p/>"), docx("<w:p/>")[:-30])
    ]
    assert [found.outcome for found in results if isinstance(found, Unclean)] == [
        "too_large",
        "unparsable",
        "empty",
        "unparsable",
    ]
