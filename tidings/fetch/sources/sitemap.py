"""Sitemaps as a source (https://www.sitemaps.org/protocol.html): plain, news, index and text
files.
"""

from __future__ import annotations

import io
import re
from operator import attrgetter
from typing import TYPE_CHECKING

from lxml import etree

from tidings.base.urls import normalise_url
from tidings.fetch.feed.entry import ParsedFeed, RawEntry, Unreadable, make_entry

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

MAX_URLS = 50_000  # the limit of the protocol for one file


_SITEMAP = re.compile(rb"urlset|sitemapindex")


def read_sitemap(body: bytes, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return a sitemap's pages as entries; ``links`` contains the sitemaps that an index names.

    ``zone`` is the publisher's IANA zone. The publication date of a page is the date of the news
    extension. Its lastmod is ``updated_at``, because it is a date of change.
    """
    elements: dict[str, list[dict[str, str]]] = {"url": [], "sitemap": []}
    if b"<" not in body[:4096]:
        problem = "The file contains no URL."
        lines = map(str.strip, body.decode("utf-8-sig", "replace").splitlines())
        starts = ("http://", "https://")
        elements["url"] += [{"loc": line} for line in lines if line.startswith(starts)]
    else:
        problem = "" if _SITEMAP.search(body) else "The document is not a sitemap."
        try:
            for kind, fields in _read_elements(body):
                elements[kind].append(fields)
        except etree.XMLSyntaxError as error:
            problem = f"The sitemap cannot be read: {error}"[:300]
    sitemap = _make_sitemap(elements["url"], elements["sitemap"], url, zone, now)
    if sitemap is None and problem:
        return Unreadable(problem)
    return sitemap or ParsedFeed(None, None, [], 0, "sitemap")


def _make_sitemap(
    pages: list[dict[str, str]],
    sitemaps: list[dict[str, str]],
    url: str,
    zone: str,
    now: dt.datetime,
) -> ParsedFeed | None:
    """Return a sitemap, or None if it names no page and no sitemap."""
    entries = []
    for fields in pages[:MAX_URLS]:
        raw = RawEntry(
            link=fields.get("loc"),
            title=fields.get("title"),
            categories=list(fields.get("keywords", "").split(",")),
            language=fields.get("language"),
            published_raw=fields.get("publication_date"),
            updated_raw=fields.get("lastmod"),
        )
        entries.append(make_entry(raw, url, zone, now, counts_from_update=False))
    links = (normalise_url(fields.get("loc", ""), url) for fields in sitemaps)
    named = list(dict.fromkeys(filter(None, links)))
    linked = list(filter(attrgetter("link"), entries))
    sitemap = ParsedFeed(None, None, linked, len(pages), "sitemap", links=named)
    return sitemap if pages or named else None


def _read_elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name and fields of each ``url`` and ``sitemap`` element. No external resource or
    entity is read.
    """
    events = etree.iterparse(
        io.BytesIO(body.lstrip()),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
    )
    for _, element in events:
        fields: dict[str, str] = {}
        for child in element.iter("{*}*"):
            name = etree.QName(child)
            text = (child.text or "").strip()
            if text and not re.search("sitemap-(?:image|video)", name.namespace or ""):
                fields.setdefault(name.localname, text)
        yield etree.QName(element).localname, fields
        element.clear()
