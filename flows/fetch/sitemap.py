"""Sitemaps (https://www.sitemaps.org/protocol.html): plain, news, index, text; read in the shape of a feed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from lxml import etree

from tidings.flows.fetch.feed.dates import read_date
from tidings.flows.fetch.feed.entry import make_entry
from tidings.flows.fetch.feed.parsed import ParsedEntry, ParsedFeed, Unreadable
from tidings.flows.urls import normalise_url

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

MAX_URLS = 50_000  # the protocol's own limit for one file


def read_sitemap(body: bytes, url: str, zone: str, now: dt.datetime, since: dt.datetime | None = None) -> ParsedFeed | Unreadable:
    """Return a sitemap's pages as entries and, in ``links``, the sitemaps that an index names.

    ``zone`` is the publisher's IANA zone. A page's date of publication is the news extension's; lastmod, which is a date of
    change, is its ``updated_at``. Sitemaps whose lastmod lies before ``since`` are left out: nothing newer can be in them.
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
            changed = read_date(fields["lastmod"], zone)[0] if since and "lastmod" in fields else None
            link = normalise_url(fields.get("loc", ""), url)
            if link and not (changed and since and changed < since):
                links.append(link)
    except etree.XMLSyntaxError as error:
        if not entries and not links:
            return Unreadable(f"It is no sitemap that can be read: {error}"[:300])
    if not entries and not links and b"urlset" not in body and b"sitemapindex" not in body:
        return Unreadable("It is no sitemap.")
    kept = [entry for entry in entries if entry.link]
    return ParsedFeed(None, None, kept, count, "sitemap", links=list(dict.fromkeys(links)))


def _read_elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each ``url`` and ``sitemap`` element's name and fields; nothing outside the document is read or expanded."""
    events = etree.iterparse(
        io.BytesIO(body.lstrip()), events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
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
    return make_entry(
        guid=None,
        link=fields.get("loc"),
        title=fields.get("title"),
        summary=None,
        content_html=None,
        authors=(),
        categories=fields.get("keywords", "").split(","),
        language=fields.get("language"),
        published_raw=fields.get("publication_date"),
        updated_raw=fields.get("lastmod"),
        base=url,
        zone=zone,
        now=now,
        counts_from_update=False,
    )


def _read_text_sitemap(body: bytes, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    pages = [line for line in lines if line.startswith(("http://", "https://"))]
    if not pages:
        return Unreadable("It names no page.")
    entries = [_make_page({"loc": page}, url, zone, now) for page in pages[:MAX_URLS]]
    return ParsedFeed(None, None, [entry for entry in entries if entry.link], len(pages), "sitemap")
