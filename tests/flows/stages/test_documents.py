"""Feed entries that link a document, and pages that only lead to one, become that article."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.flows.extract.documents import column, pdf
from tests.flows.fetch.loopback import reply, serving
from tests.flows.nights import collect, settings_for
from tests.warehouse.rows import NOW
from tidings.flows.stages.documents import documents
from tidings.flows.stages.prepare import prepare
from tidings.warehouse.archive import read_body
from tidings.warehouse.lake import open_lake

if TYPE_CHECKING:
    from pathlib import Path

TEXT = ["The town will plant four hundred limes", "along the old canal before the winter."]
ORDER = pdf([column(TEXT), column(["A second page explains the costs of it."])])
LANDING = b"""<html><head><title>Order on limes</title>
<meta property="article:published_time" content="2023-09-20T08:00:00Z"></head>
<body><nav><a href="/map.pdf">Map</a></nav><main><h1>Order on limes</h1><p>The order of the town in full.</p>
<p><a href="%s">Download (PDF)</a></p></main></body></html>"""
FEED = """<rss version="2.0"><channel><title>Town</title>%s</channel></rss>"""
ITEM = "<item><title>%s</title><link>%s</link><pubDate>Wed, 20 Sep 2023 09:00:00 GMT</pubDate></item>"


def run_nights(folder: Path, routes: dict[str, Any], paths: dict[str, str], nights: int = 1) -> tuple[Any, Any]:
    """Return the last run and the server after some nights on a feed with entries for these paths, by title."""

    async def run() -> tuple[Any, Any]:
        async with serving(routes) as server:
            items = "".join(ITEM % (title, server.origin + path) for title, path in paths.items())
            routes["/feed"] = reply(200, (FEED % items).encode())
            (folder / "feeds.csv").write_text(f"feed_id,url\ntown,{server.origin}/feed\n")
            settings = settings_for(folder / "data", folder / "feeds.csv", [f"127.0.0.1:{server.port}"])
            for _ in range(nights):
                last = await asyncio.to_thread(collect, settings, NOW)
                await asyncio.to_thread(documents, last, await asyncio.to_thread(prepare, last))
            return last, server

    return asyncio.run(run())


def rows(run: Any, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the lake."""
    with open_lake(run.lake, read_only=True) as con:
        return con.execute(query).fetchall()


def test_an_entry_that_links_a_document_becomes_an_article(tmp_path: Path) -> None:
    """Its URL is the document's, its title and date the entry's, and the archive has the file byte for byte."""
    run, _ = run_nights(tmp_path, {"/a.pdf": reply(200, ORDER, kind="application/pdf")}, {"Town orders limes": "/a.pdf"})
    ((url, title, published_on, offsets, text),) = rows(
        run, "select url, title, published_on::varchar, page_offsets, body_text from core.articles"
    )
    assert (url.endswith("/a.pdf"), title, published_on) == (True, "Town orders limes", "2023-09-20")
    assert text[offsets[1] :].startswith("A second page")
    ((file, offset, length),) = rows(run, "select warc_file, warc_offset, warc_length from raw.captures where kind = 'page'")
    assert read_body(run.lake.raw, file, offset, length) == ORDER


def test_a_page_that_only_leads_to_a_document_becomes_that_article(tmp_path: Path) -> None:
    """The article has the page's URL, title and date, and the document's text; a second run requests nothing."""
    routes = {
        "/order": reply(200, LANDING % b"/files/order.pdf", kind="text/html"),
        "/files/order.pdf": reply(200, ORDER, kind="application/pdf"),
    }
    run, server = run_nights(tmp_path, routes, {"Order on limes": "/order"}, nights=2)
    ((url, title, published_on, extractor, text),) = rows(
        run, "select url, title, published_on::varchar, extractor, body_text from core.articles"
    )
    assert (url.endswith("/order"), title, published_on, extractor) == (True, "Order on limes", "2023-09-20", "pdf")
    assert text.startswith(" ".join(TEXT))
    ((outcome, document_url, has_document),) = rows(
        run, "select outcome, document_url, document_id is not null from core.extractions"
    )
    assert (outcome, document_url.endswith("/files/order.pdf"), has_document) == ("ok", True, True)
    assert (server.request_count("/files/order.pdf"), server.request_count("/map.pdf")) == (1, 0)


@pytest.mark.parametrize("robots", [b"", b"User-agent: *\nDisallow: /files/"])
def test_a_page_keeps_its_own_text_if_its_document_is_unreadable(tmp_path: Path, robots: bytes) -> None:
    """A document that is missing, damaged or disallowed by the robots file leaves the page's text."""
    routes = {
        "/order": reply(200, LANDING % b"/files/order.pdf", kind="text/html"),
        "/robots.txt": reply(200, robots, kind="text/plain"),
        "/files/order.pdf": reply(200, b"%PDF-1.7 damaged", kind="application/pdf"),
    }
    run, server = run_nights(tmp_path, routes, {"Order on limes": "/order"})
    assert rows(run, "select body_text, extractor <> 'pdf' from core.articles") == [("The order of the town in full.", True)]
    assert server.request_count("/files/order.pdf") == (0 if robots else 1)


def test_pages_with_text_or_several_documents_are_no_landing_pages(tmp_path: Path) -> None:
    """A page with a text of its own, and a page with two documents, request no document."""
    long = LANDING.replace(b"The order of the town in full.", b"The town plants four hundred limes along the canal. " * 30)
    two = LANDING.replace(b"Download (PDF)</a>", b'Download</a> <a href="/b.pdf">Annex</a>')
    routes = {"/long": reply(200, long % b"/a.pdf", kind="text/html"), "/two": reply(200, two % b"/a.pdf", kind="text/html")}
    run, server = run_nights(tmp_path, routes, {"Order on limes": "/long", "Second order": "/two"})
    assert rows(run, "select count(*) from core.extractions where document_url is not null") == [(0,)]
    assert (server.request_count("/a.pdf"), server.request_count("/b.pdf")) == (0, 0)


def test_documents_may_be_larger_than_pages(tmp_path: Path) -> None:
    """A document of six megabytes is fetched; a web page of this size is too big."""
    padded = ORDER + b"%" + b"x" * 6_000_000
    routes = {"/a.pdf": reply(200, padded, kind="application/pdf"), "/b": reply(200, padded, kind="text/html")}
    run, _ = run_nights(tmp_path, routes, {"Order": "/a.pdf", "Page": "/b"})
    assert rows(run, "select outcome from raw.captures where kind = 'page' order by url") == [("ok",), ("too_big",)]
