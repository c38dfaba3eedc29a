"""The search of a page's feeds, sitemaps and listing, and the choice among them."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.fetch.listing_templates import HELD_OUT
from tests.fetch.loopback import NOW, item, opened_client, reply, rss, serving
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.source_search import SourceSearch

WEBLOG = next(page for page in HELD_OUT if page.name == "weblog")


def html(text: str) -> bytes:
    return reply(200, text.encode(), kind="text/html; charset=utf-8")


def search(
    routes: Callable[[str], dict[str, Any]], path: str, kind: str = ""
) -> tuple[SourceSearch, str]:
    """Return the result of a search on a server; ``routes`` gets its origin."""

    async def go() -> tuple[SourceSearch, str]:
        table: dict[str, Any] = {}
        async with (
            serving(table) as server,
            opened_client(server) as client,
            FeedReader(1) as reader,
        ):
            table.update(routes(server.origin))
            found = SourceSearch(client, reader, "UTC", NOW, server.origin + path, kind)
            await found.run()
            return found, server.origin

    return asyncio.run(go())


def feed_of(origin: str, *paths: str, date: str = "Fri, 29 May 2026 10:00:00 GMT") -> bytes:
    return reply(
        200,
        rss(*(item(n, link=origin + path, guid=path, date=date) for n, path in enumerate(paths))),
    )


def test_a_feed_with_the_pages_items_is_chosen() -> None:
    """A feed at its software's usual address is certain if it shows the page's items."""
    page = WEBLOG.html.replace("<head>", '<head><meta name="generator" content="WordPress 6.5">')
    paths = [news.path for news in WEBLOG.items]
    found, origin = search(
        lambda origin: {"/news/": html(page), "/news/feed/": feed_of(origin, *paths[:5])}, "/news/"
    )
    assert found.chosen is not None
    shown = (found.chosen.kind, found.chosen.url, found.is_certain)
    assert shown == ("feed", f"{origin}/news/feed/", True)
    assert {option.kind for option in found.options} == {"feed", "listing"}
    assert "5 of the page's 10 items" in found.reason


def test_a_feed_of_other_items_yields_to_the_listing() -> None:
    """A linked feed without a section's items, or with old ones, is shown but not chosen."""
    page = WEBLOG.html.replace("</body>", '<a href="/all.rss">RSS</a></body>')
    found, _ = search(
        lambda origin: {"/news/": html(page), "/all.rss": feed_of(origin, "/sport/1")}, "/news/"
    )
    assert found.chosen is not None
    assert (found.chosen.kind, found.is_certain) == ("listing", False)
    old = "Fri, 30 May 2025 10:00:00 GMT"
    first = WEBLOG.items[0].path
    found, _ = search(
        lambda origin: {"/news/": html(page), "/all.rss": feed_of(origin, first, date=old)},
        "/news/",
    )
    assert found.chosen is not None
    assert found.chosen.kind == "listing"
    assert "its newest entry is from 2025-05-30" in found.reason


def test_failures_are_named() -> None:
    """A page without a source yields the reasons, without usual addresses that do not exist."""
    found, origin = search(lambda _origin: {"/none/": html("<p>Nothing</p>")}, "/none/")
    assert found.chosen is None
    assert found.tried == [f"{origin}/none/: no links of the same structure repeat on the page."]
    gone, _ = search(lambda _origin: {"/gone": reply(410)}, "/gone")
    assert gone.chosen is None
    assert len(gone.tried) == 1
