"""Feed entries that link a document, and pages that only lead to one, become that article."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from tests.extraction.documents import column, pdf
from tests.fetch.loopback import Loopback, reply, serving
from tests.flows.nights import collect, settings_with
from tests.storage.rows import NOW
from tidings.stages.obtain import documents
from tidings.stages.prepare import registry_of
from tidings.stages.run import Run
from tidings.storage.archive import read_body
from tidings.storage.forget import find_traces
from tidings.storage.lake import open_lake

TEXT = ["The town will plant four hundred limes", "along the old canal before the winter."]
ORDER = pdf([column(TEXT), column(["A second page explains the costs of it."])])
LANDING = b"""<html><head><title>Order on limes</title>
<meta property="article:published_time" content="2023-09-20T08:00:00Z"></head>
<body><nav><a href="/map.pdf">Map</a></nav><main><h1>Order on limes</h1>
<p>The order of the town in full.</p>
<p><a href="%s">Download (PDF)</a></p></main></body></html>"""
FEED = """<rss version="2.0"><channel><title>Town</title>%s</channel></rss>"""
ITEM = (
    "<item><title>%s</title><link>%s</link><pubDate>Wed, 20 Sep 2023 09:00:00 GMT</pubDate></item>"
)


LONG = LANDING.replace(
    b"The order of the town in full.", b"The town plants four hundred limes along the canal. " * 30
)
TWO = LANDING.replace(b"Download (PDF)</a>", b'Download</a> <a href="/b.pdf">Annex</a>')
PADDED = ORDER + b"%" + b"x" * 6_000_000
ROUTES = {
    "/robots.txt": reply(200, b"User-agent: *\nDisallow: /secret/", kind="text/plain"),
    "/entry.pdf": reply(200, ORDER, kind="application/pdf"),
    "/order": reply(200, LANDING % b"/files/order.pdf", kind="text/html"),
    "/files/order.pdf": reply(
        200, ORDER.replace(b"four hundred", b"nine hundred"), kind="application/pdf"
    ),
    "/damaged": reply(200, LANDING % b"/damaged.pdf", kind="text/html"),
    "/damaged.pdf": reply(200, b"%PDF-1.7 damaged", kind="application/pdf"),
    "/denied": reply(200, LANDING % b"/secret/a.pdf", kind="text/html"),
    "/secret/a.pdf": reply(200, ORDER, kind="application/pdf"),
    "/long": reply(200, LONG % b"/a.pdf", kind="text/html"),
    "/two": reply(200, TWO % b"/a.pdf", kind="text/html"),
    "/large.pdf": reply(200, PADDED, kind="application/pdf"),
    "/large": reply(200, PADDED, kind="text/html"),
}
LISTED = ("/entry.pdf", "/order", "/damaged", "/denied", "/long", "/two", "/large.pdf", "/large")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Loopback]:
    """The run and the server after two nights on a feed that lists pages and documents."""
    folder = tmp_path_factory.mktemp("documents")

    async def run() -> tuple[Run, Loopback]:
        async with serving(dict(ROUTES)) as server:
            items = "".join(
                ITEM % (f"Town order {number}", server.origin + path)
                for number, path in enumerate(LISTED)
            )
            server.routes["/feed"] = reply(200, (FEED % items).encode())
            row, host = f"town,{server.origin}/feed", f"127.0.0.1:{server.port}"
            settings = settings_with(folder, [row], [host])
            for now in (NOW, NOW + dt.timedelta(hours=1)):
                last = await asyncio.to_thread(collect, settings, now)
                await asyncio.to_thread(documents, last, registry_of(settings)[0])
            return last, server

    return asyncio.run(run())


def rows(run: Run, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the lake."""
    with open_lake(run.lake, read_only=True) as con:
        return con.execute(query).fetchall()


def test_an_entry_that_links_a_document_becomes_an_article(nights: tuple[Run, Loopback]) -> None:
    """Its URL is the document's, title and date the entry's; the archive has the file's bytes."""
    run, _ = nights
    ((title, published_on, offsets, text),) = rows(
        run,
        "select title, published_on::varchar, page_offsets, body_text from core.articles"
        " where url like '%/entry.pdf'",
    )
    assert (title, published_on) == ("Town order 0", "2023-09-20")
    assert text[offsets[1] :].startswith("A second page")
    ((file, offset, length),) = rows(
        run,
        "select warc_file, warc_offset, warc_length from raw.captures where url like '%/entry.pdf'",
    )
    assert read_body(run.lake.raw, file, offset, length) == ORDER


def test_a_page_that_only_leads_to_a_document_becomes_that_article(
    nights: tuple[Run, Loopback],
) -> None:
    """The article has the page's URL, title and date, and the document's text; the second night
    requests nothing.
    """
    run, server = nights
    ((title, published_on, extractor, text),) = rows(
        run,
        "select title, published_on::varchar, extractor, body_text from core.articles where"
        " url like '%/order'",
    )
    assert (title, published_on, extractor) == ("Order on limes", "2023-09-20", "pdf")
    assert text.startswith("The town will plant nine hundred limes")
    query = (
        "select outcome, document_url, document_id is not null from core.extractions where url"
        " like '%/order'"
    )
    assert rows(run, query) == [("ok", f"{server.origin}/files/order.pdf", True)]
    assert (server.request_count("/files/order.pdf"), server.request_count("/map.pdf")) == (1, 0)


def test_pages_without_a_readable_document_keep_their_text(nights: tuple[Run, Loopback]) -> None:
    """A document that is damaged or disallowed leaves the text of the page. A page with a text of
    its own, or with two documents, requests none. A document of six megabytes is fetched; a web
    page of this size is too big.
    """
    run, server = nights
    query = (
        "select body_text, extractor = 'pdf' from core.articles where url like '%/damaged' or"
        " url like '%/denied'"
    )
    assert rows(run, query) == [("The order of the town in full.", False)] * 2
    assert (server.request_count("/damaged.pdf"), server.request_count("/secret/a.pdf")) == (1, 0)
    run, server = nights
    query = "select document_url from core.extractions where url like '%/long' or url like '%/two'"
    assert rows(run, query) == [(None,), (None,)]
    assert (server.request_count("/a.pdf"), server.request_count("/b.pdf")) == (0, 0)
    query = (
        "select outcome from raw.captures where kind = 'page' and url like '%/large%' order by"
        " url desc"
    )
    assert [row[0] for row in rows(nights[0], query)] == ["ok", "too_big"]


def test_forgetting_a_page_includes_its_document(nights: tuple[Run, Loopback]) -> None:
    """The traces of a page that only leads to a document contain the document's capture."""
    run, server = nights
    with open_lake(run.lake, read_only=True) as con:
        traces = find_traces(con, run.lake, [f"{server.origin}/order"])
    assert {capture.kind for capture in traces.captures} == {"page", "document"}
