"""Sitemaps as a source (https://www.sitemaps.org/protocol.html): plain, news, index and text
files.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator
from operator import attrgetter

from lxml import etree

from tidings.base.urls import normalise_url
from tidings.fetch.feed.entry import ParsedFeed, RawEntry, Unreadable, make_entry
from tidings.fetch.feed.text import SAFE

MAX_URLS = 50_000  # the limit of the protocol for one file
_SITEMAP = re.compile(rb"urlset|sitemapindex")


def read_sitemap(body: bytes, url: str, zone: str, now: dt.datetime) -> ParsedFeed | Unreadable:
    """Return a sitemap's pages as entries; ``links`` has the sitemaps that an index names. Only the
    news extension has dates of publication: the lastmod of a page is ``updated_at``.
    """
    found: dict[str, list[dict[str, str]]] = {"url": [], "sitemap": []}
    pages, sitemaps = found.values()
    problem = "" if _SITEMAP.search(body) else "The document is not a sitemap."
    try:
        for kind, fields in _read_elements(body) if b"<" in body[:4096] else _read_lines(body):
            found[kind].append(fields)
    except etree.XMLSyntaxError as error:
        problem = f"The sitemap cannot be read: {error}"[:300]
    links = (normalise_url(fields.get("loc", ""), url) for fields in sitemaps)
    named = list(dict.fromkeys(filter(None, links)))
    if problem and not pages and not named:
        return Unreadable(problem)
    entries = []
    for fields in pages[:MAX_URLS]:
        raw = RawEntry(
            link=fields.get("loc"),
            title=fields.get("title"),
            categories=[*fields.get("keywords", "").split(",")],
            language=fields.get("language"),
            published_raw=fields.get("publication_date"),
            updated_raw=fields.get("lastmod"),
        )
        entries.append(make_entry(raw, url, zone, now, counts_from_update=False))
    linked = list(filter(attrgetter("link"), entries))
    return ParsedFeed(None, None, linked, len(pages), "sitemap", links=named)


def _read_lines(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    for line in map(str.strip, body.decode("utf-8-sig", "replace").splitlines()):
        if line.startswith(("http://", "https://")):
            yield "url", {"loc": line}


def _read_elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name and fields of each ``url`` and ``sitemap`` element. No external resource or
    entity is read.
    """
    tags = ("{*}url", "{*}sitemap")
    for _, element in etree.iterparse(io.BytesIO(body.lstrip()), tag=tags, recover=True, **SAFE):
        fields: dict[str, str] = {}
        for child in element.iter("{*}*"):
            name = etree.QName(child)
            text = (child.text or "").strip()
            if text and not re.search("sitemap-(?:image|video)", name.namespace or ""):
                fields.setdefault(name.localname, text)
        yield etree.QName(element).localname, fields
        element.clear()
