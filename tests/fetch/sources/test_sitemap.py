"""Reading of sitemaps in every format."""

import datetime as dt

import pytest

from tests.fetch.loopback import NOW
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.sources.sitemap import read_sitemap

URL = "https://news.example/sitemap.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {SPACES}>
<url><loc> https://news.example/a?utm_source=map </loc><image:image>
<image:loc>https://news.example/a.jpg</image:loc></image:image>
<news:news><news:publication><news:name>N</news:name><news:language>en</news:language>
</news:publication>
<news:publication_date>2026-05-30T10:00:00+02:00</news:publication_date>
<news:title>A &amp; B</news:title></news:news></url>
<url><loc>/b</loc><lastmod>2026-05-01</lastmod></url><url><loc>javascript:x</loc></url></urlset>"""
INDEX = f"""<sitemapindex {SPACES}><sitemap><loc>https://news.example/2026-05.xml.gz</loc>
<lastmod>2026-05-31</lastmod></sitemap>
<sitemap><loc>https://news.example/2020.xml</loc><lastmod>2020-12-31</lastmod></sitemap><sitemap>
<loc>/none.xml</loc></sitemap>
</sitemapindex>"""


def read_any(text: str) -> ParsedFeed | Unreadable:
    return read_sitemap(text.encode(), URL, "UTC", NOW)


def read(text: str) -> ParsedFeed:
    sitemap = read_any(text)
    assert isinstance(sitemap, ParsedFeed)
    return sitemap


def test_pages_come_with_what_the_news_extension_says() -> None:
    """The news extension has the publication date, lastmod a change; images are no pages."""
    first, second = read(NEWS).entries
    found = (first.link, first.title, first.language, first.date_quality.value)
    assert found == ("https://news.example/a", "A & B", "en", "exact")
    assert first.published_at == dt.datetime(2026, 5, 30, 8, tzinfo=dt.UTC)
    assert (second.link, second.date_quality.value) == ("https://news.example/b", "missing")
    assert second.updated_at == dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def test_indices_texts_and_cut_off_sitemaps_are_read() -> None:
    """An index yields sitemaps, a text its lines, and a cut sitemap the pages before."""
    assert len(read(INDEX).links) == 3
    found = [
        entry.link for entry in read("https://news.example/1\nhttps://news.example/2\n").entries
    ]
    assert found == ["https://news.example/1", "https://news.example/2"]
    assert [entry.link for entry in read(NEWS[:-40]).entries][:1] == ["https://news.example/a"]


@pytest.mark.parametrize("text", ["", "plain", "<html><p>no</p></html>", "<a/>", "<urlset"])
def test_what_is_no_sitemap_is_told(text: str) -> None:
    """Other documents yield Unreadable with a sentence, or a sitemap without pages."""
    found = read_any(text)
    assert isinstance(found, Unreadable) or not found.entries


def test_entities_are_not_expanded() -> None:
    """No external entity is read and no entity is expanded."""
    text = NEWS.replace(
        "<urlset", '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset', 1
    ).replace("/b<", "/b&x;<")
    assert all("root" not in (entry.link or "") for entry in read(text).entries)
