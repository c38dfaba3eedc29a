"""PDF documents become articles with their pages as offsets, or named outcomes."""

import datetime as dt
import io
import zlib
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.cases import cases
from tests.extraction.documents import Placed, column, pdf, stream, write_pdf
from tidings.extraction import Cleaned, Hint, Page, Unclean, clean, clean_batch

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
LEFT = [
    "The town will plant four hundred limes",
    "along the old canal before the winter",
    "and water them until they have grown.",
]
RIGHT = [
    "A second grant pays for benches in the",
    "park at the southern gate, which open",
    "on the first Sunday of the summer.",
]

SCRIPT = b"<< /S /JavaScript /JS (app.alert(1); this.closeDoc();) >>"


def read(body: bytes, **more: Any) -> Cleaned | Unclean:
    """Return the result of extracting a document."""
    url = "https://town.example/order-7.pdf"
    return clean(Page(url, url, body, None, NOW, **more))


def article(body: bytes, **more: object) -> Cleaned:
    """Return the article of a document."""
    found = read(body, **more)
    assert isinstance(found, Cleaned), found
    return found


def test_columns_tables_and_items_are_read_in_order() -> None:
    """The left column precedes the right one, and cells of a row are together, in any order in the
    file. Items that end with a semicolon are paragraphs each.
    """
    left, right = column(LEFT), column(RIGHT, x=310)
    alternating = [placed for pair in zip(left, right, strict=True) for placed in pair]
    for order in (alternating, [*left, *right], [*right, *left]):
        assert article(pdf([order])).paragraphs == (" ".join(LEFT), " ".join(RIGHT))
    rows = "Measure 2024 2025,Limes 12 40,Benches 7 9,Gates 1 2".split(",")
    cells = [row.split() for row in rows]
    table = [(50 + 150 * c, 600 - 14 * r, 10.0, cells[r][c]) for c in range(3) for r in range(4)]
    found = article(pdf([[*column(LEFT), *table]]))
    assert found.paragraphs[1:] == tuple(" | ".join(row) for row in cells), found.paragraphs
    items = ["keep the limes;", "sell benches;", "open the gate."]
    page = [*column(LEFT, y=690), *column(items, x=80, y=640), *column(LEFT, y=560)]
    assert {*items} <= {*article(pdf([page])).paragraphs}


def _gazette(count: int) -> bytes:
    """Return pages with alternating heads, numbers, a hyphen and a paragraph across pages."""
    pages: list[list[Placed]] = []
    for number in range(count):
        x, head = [(400, f"No. {number + 4} of June"), (50, "Gazette of Dunmere")][number % 2]
        name = ("limes", "gates", "locks", "barges")[number]
        text = [
            f"Order {number} on {name} of the har-",
            f"bour office and the well-kept {name}",
            f"house and on {name} that offices",
        ]
        foot = (300, 30, 9, f"Page {number + 1} of {count}")
        pages.append([(x, 770, 9, head), *column(text), foot])
    return pdf(pages)


def test_edges_of_pages() -> None:
    """Running heads and page numbers are removed, and paragraphs continue on the next page.
    Numbered headings that also occur inside pages, and lines that end with a year, are kept.
    """
    found = article(_gazette(4))
    assert found.page_count == len(found.page_offsets) == 4
    assert len(found.paragraphs) == 1
    assert not any(word in found.body_text for word in ("Gazette", "Page", "No.", "har-"))
    assert "of the harbour office and the well-kept limes house" in found.body_text
    starts = [found.body_text[start:][:7] for start in found.page_offsets]
    assert starts == [f"Order {number}" for number in range(4)]
    lines = [[f"Order {n} of March", *LEFT, f"Order {n + 1} of March", *RIGHT] for n in (1, 3, 5)]
    text = article(pdf([column(page, y=740, step=20) for page in lines])).body_text
    assert [text.count(f"Order {n} of March") for n in range(2, 7)] == [1] * 5
    ends = ["Limes until 2030", "New gates until 2031"]
    texts = zip((LEFT, RIGHT), ends, strict=True)
    years = [[*column(text), (50.0, 600.0, 10.0, end)] for text, end in texts]
    assert {*ends} <= {*article(pdf(years)).paragraphs}


def test_footnotes_follow_the_text_of_their_page() -> None:
    """A footnote appears before a paragraph that continues on the next page."""
    note = (50, 60, 7, "1 The canal was dug in 1790.")
    first = [*column([*LEFT[:2], "and water all of them until they"]), note]
    found = article(pdf([first, column(["have grown and have shade for all."])]))
    assert found.paragraphs[0] == "1 The canal was dug in 1790."
    assert found.body_text[found.page_offsets[1] :].startswith("have grown")


@cases(
    "stated, hint, title",
    ("Order on limes", "", "Order on limes"),
    ("Order on the limes", "", "Order on the limes of the town"),
    ("Microsoft Word - order_7_final.docx", "", "Order on the limes of the town"),
    ("Annual budget", "", "Order on the limes of the town"),
    ("Order on limes", "Town orders four hundred limes", "Town orders four hundred limes"),
    ("", "order-7.pdf", "Order on the limes of the town"),
)
def test_titles_come_from_the_link_the_file_or_the_largest_text(
    stated: str, hint: str, title: str
) -> None:
    """A file's title counts only if the first page shows it, and no larger text contains it."""
    body = pdf([[(50, 740, 18, "Order on the limes of the town"), *column(LEFT)]], title=stated)
    assert article(body, hint=Hint(title=hint or None)).title == title


def test_dates_come_from_the_first_page_the_link_or_the_file() -> None:
    """A date line has priority over the feed, the feed over the file's creation."""
    plain, dated = (
        pdf([[(50, 740, 10, line), *column(LEFT)]], created="D:20240509120000Z")
        for line in ("Order", "Dunmere, 14 May 2024")
    )
    fed = Hint(published_at=dt.datetime(2024, 5, 20, 9, tzinfo=dt.UTC))
    cases = [(dated, fed, 14, "day_only"), (plain, fed, 20, "feed"), (plain, Hint(), 9, "day_only")]
    for body, hint, day, quality in cases:
        found = article(body, hint=hint)
        assert found.published_at
        assert (found.published_at.date(), found.date_quality) == (dt.date(2024, 5, day), quality)


def test_rotated_and_letter_spaced_texts_are_read() -> None:
    """A page turned by a quarter and a letter-spaced heading have their usual words."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(800, 600))
    canvas.setPageRotation(90)
    canvas.transform(0, 1, -1, 0, 800, 0)
    heading = canvas.beginText(50, 740)
    heading.setFont("Helvetica", 16)
    heading.setCharSpace(6)
    heading.textOut("PRESS NOTICE")
    canvas.drawText(heading)
    for x, y, _, text in column(LEFT):
        canvas.drawString(x, y, text)
    canvas.save()
    found = article(target.getvalue())
    assert (found.title, found.paragraphs) == ("PRESS NOTICE", (" ".join(LEFT),))


def test_documents_without_readable_text_have_named_outcomes() -> None:
    """Scanned, encrypted, damaged and empty documents each have an outcome of their own."""
    picture = b"q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"
    page = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 600 800] /Contents 5 0 R >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>"
    scanned, empty = (
        write_pdf([b"<< /Type /Catalog /Pages 3 0 R >>", b"<< >>", pages, page, stream(s)])
        for s in (picture, b" ")
    )
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(50, 700, LEFT[0])
    canvas.save()
    reason = "All pages (1) are pictures without a text layer, and Tidings reads no pictures."
    assert read(scanned) == Unclean("scanned", reason)
    for body, outcome in (
        (target.getvalue(), "encrypted"),
        (b"%PDF-1.7 nothing", "unparsable"),
        (empty, "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_word"),
    ):
        found = read(body)
        assert isinstance(found, Unclean)
        assert found.outcome == outcome


@cases(
    "change",
    lambda body: body.replace(b"startxref\n", b"startxref\n9"),
    lambda body: b"junk\n" + body,
    lambda body: body.replace(b"/Catalog", b"/Catalog /OpenAction %b" % SCRIPT),
    ids=["wrong offset", "bytes before the start", "script"],
)
def test_damage_is_repaired_and_no_script_runs(change: Callable[[bytes], bytes]) -> None:
    """A wrong table of objects, bytes before the start and JavaScript on opening change no text."""
    assert article(change(pdf([column(LEFT)]))).paragraphs == (" ".join(LEFT),)


def test_long_documents_are_read_up_to_a_limit() -> None:
    """Of ten thousand pages the first thousand are read; the article is marked as shortened."""
    found = article(pdf([column([f"Line {number} of the long list."]) for number in range(1_200)]))
    assert (found.page_count, len(found.page_offsets)) == (1_200, 1_000)
    assert found.shortened
    assert found.is_truncated


def test_hostile_documents_affect_no_other_page() -> None:
    """Documents that grow to gigabytes or refer to themselves do not affect the next page."""
    catalog, pages = (
        b"<< /Type /Catalog /Pages 3 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
    )

    def one(data: bytes, more: bytes = b"", resources: bytes = b"<< >>", *others: bytes) -> bytes:
        page = (
            b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources %b >>"
        ) % resources
        return write_pdf([catalog, b"<< >>", pages, page, stream(data, more), *others])

    bomb = zlib.compress(zlib.compress(zlib.compress(b"\0" * 1_000_000)))
    form = stream(
        b"/X Do /X Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>",
    )
    lies = b"<< /Type /Pages /Count 2000000000 /Kids [3 0 R 3 0 R] >>"
    hostile = [
        one(zlib.compress(b" " * 900_000_000), b"/Filter /FlateDecode"),
        one(bomb, b"/Filter [/FlateDecode /FlateDecode /FlateDecode]"),
        one(b"/X Do", b"", b"<< /XObject << /X 6 0 R >> >>", form),
        write_pdf([catalog, b"<< >>", lies]),
    ]
    bodies = [body for document in hostile for body in (document, pdf([column(LEFT)]))]
    batch = [Page(f"https://a.example/{i}", "", body, None, NOW) for i, body in enumerate(bodies)]
    results = [result.found for _, result in clean_batch(batch, workers=1, cpu_seconds=5)]
    assert all(isinstance(found, Cleaned) for found in results[1::2])
    assert all(isinstance(found, Unclean) for found in results[::2]), results[::2]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2_000), st.binary(min_size=1, max_size=4)), max_size=8))
def test_damaged_bytes_yield_an_article_or_a_named_outcome(
    changes: list[tuple[int, bytes]],
) -> None:
    """Extraction of a document with changed bytes never fails for an unexpected reason."""
    body = _gazette(3)
    for place, data in changes:
        body = body[:place] + data + body[place + len(data) :]
    found = read(body)
    assert isinstance(found, Cleaned) or found.outcome != "cleaning_failed", found
