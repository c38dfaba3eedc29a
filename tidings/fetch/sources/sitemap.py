"""Sitemaps as a source (https://www.sitemaps.org/protocol.html): plain, news, index and text
files.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from tidings.base.urls import normalise_url
from tidings.fetch.feed.dates import read_date
from tidings.fetch.feed.entry import ParsedEntry, ParsedFeed, RawEntry, Unreadable, make_entry
from tidings.fetch.sources.protocol import ListRequest, Span
from tidings.fetch.window import day_span, may_list

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from tidings.base.records import Feed
    from tidings.fetch.window import Window

MAX_URLS = 50_000  # the limit of the protocol for one file


@dataclass(frozen=True)
class SitemapSource:
    """A sitemap and the sitemaps that it names. Only backfills read it, because it lists years of
    pages.
    """

    feed: Feed
    is_polled = False
    is_polled_by_day = False
    has_older_pages = False
    may_carry_full_text = False
    lists_any_day = True

    def list_window(self, window: Window, zone: str) -> Iterable[ListRequest]:  # noqa: ARG002 - one request for any window
        """Return the request for the sitemap."""
        return [ListRequest(self.feed.url)]

    def follow(self, parsed: ParsedFeed, url: str, window: Window, zone: str) -> list[str]:  # noqa: ARG002 - as in Source
        """Return the sitemaps that an index names, without those named after a month outside the
        window.
        """
        return [link for link in parsed.links if may_list(link, window)]

    def read(
        self,
        body: bytes,
        content_type: str | None,  # noqa: ARG002
        url: str,
        zone: str,
        now: dt.datetime,
    ) -> ParsedFeed | Unreadable:
        """Return the pages and sitemaps that a sitemap names."""
        return read_sitemap(body, url, zone, now)

    def coverage(
        self,
        parsed: ParsedFeed | None,  # noqa: ARG002
        window: Window,
        zone: str,
        *,
        has_items: bool,
    ) -> Span:
        """Return the window's period if the sitemap lists items of the window, else an unknown
        period.
        """
        return (
            Span(day_span(window.start, zone)[0], day_span(window.end, zone)[1])
            if has_items
            else Span(None, None)
        )


def read_sitemap(
    body: bytes, url: str, zone: str, now: dt.datetime, since: dt.datetime | None = None
) -> ParsedFeed | Unreadable:
    """Return a sitemap's pages as entries; ``links`` contains the sitemaps that an index names.

    ``zone`` is the publisher's IANA zone. The publication date of a page is the date of the news
    extension. Its lastmod is ``updated_at``, because it is a date of change. Sitemaps with a
    lastmod before ``since`` are omitted: they contain nothing newer.
    """
    if b"<" not in body[:4096]:
        return _read_text_sitemap(body, url, zone, now)
    entries: list[ParsedEntry] = []
    links: list[str] = []
    count = 0
    try:
        for kind, fields in _read_elements(body):
            if kind == "url":
                count += 1
                if count <= MAX_URLS:
                    entries.append(_make_page(fields, url, zone, now))
                continue
            changed = (
                read_date(fields["lastmod"], zone)[0] if since and "lastmod" in fields else None
            )
            link = normalise_url(fields.get("loc", ""), url)
            if link and not (changed and since and changed < since):
                links.append(link)
    except etree.XMLSyntaxError as error:
        if not entries and not links:
            return Unreadable(f"The sitemap cannot be read: {error}"[:300])
    if not entries and not links and b"urlset" not in body and b"sitemapindex" not in body:
        return Unreadable("The document is not a sitemap.")
    linked = [entry for entry in entries if entry.link]
    return ParsedFeed(None, None, linked, count, "sitemap", links=list(dict.fromkeys(links)))


def _read_elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name and fields of each ``url`` and ``sitemap`` element. No external resource or
    entity is read.
    """
    events = etree.iterparse(
        io.BytesIO(body.lstrip()),
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
    )
    for _, element in events:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name not in ("url", "sitemap"):
            continue
        fields: dict[str, str] = {}
        for child in element.iter():
            if isinstance(child.tag, str) and child.text and child.text.strip():
                space = etree.QName(child).namespace or ""
                if "sitemap-image" not in space and "sitemap-video" not in space:
                    fields.setdefault(etree.QName(child).localname, child.text.strip())
        yield name, fields
        element.clear()


def _make_page(fields: dict[str, str], url: str, zone: str, now: dt.datetime) -> ParsedEntry:
    raw = RawEntry(
        link=fields.get("loc"),
        title=fields.get("title"),
        categories=list(fields.get("keywords", "").split(",")),
        language=fields.get("language"),
        published_raw=fields.get("publication_date"),
        updated_raw=fields.get("lastmod"),
    )
    return make_entry(raw, url, zone, now, counts_from_update=False)


def _read_text_sitemap(
    body: bytes, url: str, zone: str, now: dt.datetime
) -> ParsedFeed | Unreadable:
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    pages = [line for line in lines if line.startswith(("http://", "https://"))]
    if not pages:
        return Unreadable("The file contains no URL.")
    entries = [_make_page({"loc": page}, url, zone, now) for page in pages[:MAX_URLS]]
    return ParsedFeed(None, None, [entry for entry in entries if entry.link], len(pages), "sitemap")
