"""The fast reader returns the same as feedparser, or leaves the feed to feedparser."""

import zipfile
from pathlib import Path

import pytest

from tests.fetch.loopback import NOW, item, rss
from tidings.base.decode import decode
from tidings.fetch.feed.entry import ParsedFeed, RawFeed
from tidings.fetch.feed.fast_reader import read_fast
from tidings.fetch.feed.read import (
    Prepared,
    _make_feed,
    prepare_xml,
    read_feed,
    read_with_feedparser,
)

BUNDLE = Path(__file__).parents[4] / "shared" / "feeds" / "feeds.zip"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" {}><title>T</title>
<link rel="self" href="https://a.example/f"/><entry><id>{}</id>
<title type="html">&lt;i&gt;A&lt;/i&gt;</title>{}</entry></feed>"""


def with_part(xml: str) -> str:
    """Return a feed with one item that ends with further elements."""
    return rss(item(1).replace("</item>", f"{xml}</item>")).decode()


PARTS = {
    "plain": rss(item(1), item(2)).decode(),
    "permanent guid": rss("<item><title>t</title><guid>http://a.example/1</guid></item>").decode(),
    "mail authors": with_part("<author>a@b.org (A Name)</author>"),
    "content": with_part(
        "<c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>&lt;p&gt;long text&lt;/p&gt;"
        "</c:encoded>"
    ),
    "cdata and dates": rss(
        "<item><title><![CDATA[a & b]]></title><link>http://a.example/?a=1&amp;b=2</link>"
        "<d:date"
        " xmlns:d='http://purl.org/dc/elements/1.1/'>2026-05-01</d:date><category>x</category>"
        "<category>y</category></item>"
    ).decode(),
    "twice encoded": rss(item(1, title="cafÃ©")).decode(),
    "atom": ATOM.format(
        "",
        "urn:1",
        '<link href="/1"/><link rel="enclosure" href="/2"/><updated>2026-05-01T00:00:00Z</updated>',
    ),
    "atom without link": ATOM.format(
        "", "http://a.example/1", "<summary>s</summary><author><name>N</name></author>"
    ),
    "pace": rss(item(1), head="<ttl>60</ttl><language>de-CH</language>").decode(),
}
ODD = {
    "old rss": PARTS["plain"].replace('"2.0"', '"0.91"'),
    "not well-formed": PARTS["plain"].replace("</item>", "", 1),
    "xhtml content": ATOM.format(
        "",
        "urn:1",
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></content>',
    ),
    "markup not escaped": rss(item(1, text="<p>a</p>")).decode(),
    "two descriptions": with_part("<description>b</description>"),
    "a podcast": with_part("<itunes:summary xmlns:itunes='i'>b</itunes:summary>"),
    "content elsewhere": ATOM.format(
        "", "urn:1", '<content src="http://a.example/x" type="text/html"/>'
    ),
}


def prepared_xml(text: str) -> Prepared:
    prepared = prepare_xml(text)
    assert prepared
    return prepared


def checked(raw: RawFeed, prepared: Prepared) -> ParsedFeed:
    return _make_feed(
        raw, prepared, None, url="https://a.example/feeds/f.xml", zone="Europe/Zurich", now=NOW
    )


@pytest.mark.parametrize("name", PARTS)
def test_both_read_the_same(name: str) -> None:
    """Both readers return the same parts of the feed and of its entries."""
    prepared = prepared_xml(PARTS[name])
    quick = read_fast(prepared.text)
    assert quick is not None
    assert checked(quick, prepared) == checked(read_with_feedparser(prepared.text), prepared)


@pytest.mark.parametrize("name", ODD)
def test_what_is_unusual_is_left_to_feedparser(name: str) -> None:
    """The fast reader returns None, and feedparser reads the feed."""
    prepared = prepared_xml(ODD[name])
    assert read_fast(prepared.text) is None
    feed = read_feed(ODD[name].encode(), None, "https://a.example/", "UTC", NOW)
    assert isinstance(feed, ParsedFeed)
    assert feed.entries


@pytest.mark.slow
@pytest.mark.skipif(not BUNDLE.exists(), reason="the real feed files are not beside this checkout")
def test_both_read_the_same_of_real_feeds() -> None:
    """The fast reader reads four in five real files, none differently from feedparser."""
    count = 0
    with zipfile.ZipFile(BUNDLE) as bundle:
        names = bundle.namelist()
        for name in names:
            prepared = prepared_xml(decode(bundle.read(name), None))
            quick = read_fast(prepared.text)
            if quick is not None:
                count += 1
                assert checked(quick, prepared) == checked(
                    read_with_feedparser(prepared.text), prepared
                ), name
    assert count >= 0.8 * len(names)
