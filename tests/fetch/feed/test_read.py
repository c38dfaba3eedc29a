"""Reading of feeds in every format, valid and damaged."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.loopback import NOW, item, rss
from tidings.fetch.feed.entry import MAX_ENTRIES, MAX_TITLE_CHARS, ParsedFeed, Unreadable
from tidings.fetch.feed.read import read_feed

URL = "https://news.example/feeds/all.xml"
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><id>urn:f</id><title>Meldungen</title>
<updated>2026-06-01T10:00:00Z</updated>
<link rel="self" href="https://news.example/atom"/><link rel="hub" href="https://hub.example/"/>
<link rel="prev-archive" href="/2026/05.xml"/>
<entry><id>urn:1</id><title type="html">Ein &lt;b&gt;Titel&lt;/b&gt; &amp;amp; mehr</title>
<link href="/1?utm_source=x#top"/>
<updated>2026-06-01T10:00:00+02:00</updated><author><name>A. Muster</name></author><author>
<name>B. Beispiel</name></author>
<category term="x" label="Politik"/><summary>Kurz.</summary>
<content type="html">&lt;p&gt;Der ganze Text.&lt;/p&gt;</content></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="a"><title>R</title><link>http://example.org/</link>
<sy:updatePeriod>daily</sy:updatePeriod>
<sy:updateFrequency>2</sy:updateFrequency></channel>
<item rdf:about="http://example.org/1"><title>One</title><link>http://example.org/1</link>
<dc:date>2026-06-01T10:00:00Z</dc:date>
<dc:creator>C. Person</dc:creator></item></rdf:RDF>"""


def read_any(body: bytes | str, content_type: str | None = None) -> ParsedFeed | Unreadable:
    content = body if isinstance(body, bytes) else body.encode()
    return read_feed(content, content_type, URL, "UTC", NOW)


def read(body: bytes | str) -> ParsedFeed:
    feed = read_any(body)
    assert isinstance(feed, ParsedFeed)
    return feed


def test_atom_is_read_whole() -> None:
    """Texts are plain, links are resolved, and all authors and feed links are read."""
    feed = read(ATOM)
    entry = feed.entries[0]
    assert (feed.title, feed.language, feed.kind) == ("Meldungen", "de", "atom10")
    assert (feed.prev_archive_link or "").endswith("/2026/05.xml")
    assert entry.title == "Ein Titel & mehr"
    assert (entry.link, entry.link_raw) == ("https://news.example/1", "/1?utm_source=x#top")
    assert entry.authors == ["A. Muster", "B. Beispiel"]
    assert entry.categories == ["Politik"]
    assert entry.summary == "Kurz."
    assert entry.content_html == "<p>Der ganze Text.</p>"
    assert f"{entry.published_at:%H:%M}" == "08:00"
    assert feed.degraded_reason is None


def test_rdf_and_rss_of_the_first_days_are_read() -> None:
    """RSS 1.0 with Dublin Core and updates, and 0.91 with a document type and ttl, are read."""
    feed = read(RDF)
    assert feed.update_period_seconds == 12 * 3600
    [entry] = feed.entries
    assert (entry.title, entry.authors, entry.date_quality) == ("One", ["C. Person"], "exact")
    feed = read("""<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN"
        "http://my.netscape.com/dtd/rss.dtd"><rss version="0.91"><channel><title>T</title>
        <ttl>180</ttl><item><title>One</title><link>http://e.org/1</link></item></channel></rss>""")
    assert feed.ttl_seconds == 3 * 3600
    assert feed.entries[0].link == "http://e.org/1"


def test_json_feed_is_read() -> None:
    """Authors, tags, dates and both forms of text are read from versions 1 and 1.1."""
    feed = read("""
        {"version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "en",
        "next_url": "https://news.example/2", "items": [{"id": 7, "url": "/7",
        "title": "A < B & C", "content_text": "x < y", "date_published": "2026-06-01T10:00:00Z",
        "tags": ["a"]}, {"id": "8", "external_url": "https://other.example/8",
        "content_html": "<p>p", "authors": [{"name": "N"}], "title": null}, "no item"]}""")
    first, second = feed.entries
    assert (first.guid, first.link, first.title) == ("7", "https://news.example/7", "A < B & C")
    assert first.content_html == "<p>x &lt; y</p>"
    assert (second.link, second.authors, second.title) == ("https://other.example/8", ["N"], None)
    assert feed.next_link == "https://news.example/2"


@pytest.mark.parametrize(
    "body", ["", "<html><p>x</p></html>", '{"error": "x"}', "{", "[" * 100_000, "plain", "<xml/>"]
)
def test_what_is_no_feed_is_unreadable_with_a_sentence(body: str) -> None:
    """A document that is not a feed yields Unreadable with a sentence, and no exception."""
    found = read_any(body)
    assert isinstance(found, Unreadable)
    assert found.reason.endswith(".")


def test_scripts_and_odd_links_come_to_nothing() -> None:
    """Texts contain no markup. An invalid link is refused, and its raw form is stored."""
    script = item(title="<![CDATA[a<script>alert(1)</script>]]>", link="javascript:alert(1)")
    feed = read(rss(script, item(link="file:///etc/passwd")))
    assert [entry.title for entry in feed.entries] == ["a", "Notice 1"]
    assert [entry.link for entry in feed.entries] == [None, None]
    found = [(entry.link_raw or "").partition(":")[0] for entry in feed.entries]
    assert found == ["javascript", "file"]
    assert all(entry.link_raw for entry in feed.entries)


def test_odd_characters_cost_no_entry() -> None:
    """A host beyond ASCII has its spelling in the raw link; HTML character names are read; a zero
    byte is removed and reported; what precedes the feed is ignored.
    """
    entry = read(rss(item(link="https://bücher.example/1"))).entries[0]
    found = (entry.link, entry.link_raw)
    assert found == ("https://xn--bcher-kva.example/1", "https://bücher.example/1")
    assert read(rss(item(title="caf&eacute;&nbsp;&mdash; x"))).entries[0].title == "café — x"
    feed = read(rss(item(1, title="a\0b"), item(2)))
    assert [entry.title for entry in feed.entries] == ["ab", "Notice 2"]
    assert feed.degraded_reason
    assert not feed.is_cut_off
    for before in (b"\n\n ", b"\xef\xbb\xbf", b"Warning: x in y\n"):
        assert len(read(before + rss(item(1))).entries) == 1


def test_entities_reach_nothing_and_grow_to_nothing() -> None:
    """A document type is removed: no file is read and no entity is expanded."""
    for declared in ('<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x "root:root:root">'):
        head = f'<?xml version="1.0"?><!DOCTYPE r [{declared}]>'
        feed = read(rss(item(title="see &x; here"), declaration=head))
        title = feed.entries[0].title or ""
        assert "root" not in title
        assert title.startswith("see")


@pytest.mark.parametrize("cut", [40, 60, 120, 200])
def test_of_a_cut_off_feed_is_kept_what_there_is(cut: int) -> None:
    """The complete entries are read, and the feed is marked to drop its validators."""
    feed = read(rss(item(1), item(2))[:-cut])
    assert feed.degraded_reason
    assert feed.is_cut_off
    assert feed.entries[0].link == "http://example.org/notice/1"


def test_the_entry_in_which_a_feed_ends_is_left_for_the_next_answer() -> None:
    """Wherever a feed is cut, no incomplete entry and no incomplete link is read."""
    whole = rss(item(1), item(2))
    links = {f"http://example.org/notice/{number}" for number in (1, 2)}
    for end in range(whole.index(b"<item>"), len(whole)):
        assert {entry.link for entry in read(whole[:end]).entries} <= links


def test_entries_and_titles_have_limits() -> None:
    """2,000 entries are read and further ones counted, which takes almost no time; a title has at
    most 2,000 characters, the last of which is an ellipsis.
    """
    feed = read(rss(*(item(number) for number in range(MAX_ENTRIES + 500))))
    assert (len(feed.entries), feed.entry_count) == (MAX_ENTRIES, MAX_ENTRIES + 500)
    assert feed.degraded_reason is None
    title = read(rss(item(title="word " * 1000))).entries[0].title or ""
    assert len(title) <= MAX_TITLE_CHARS
    assert title.endswith("…")


def test_a_link_outside_wins_over_one_of_a_relay() -> None:
    """The publisher's own link has priority over the link of a feed proxy."""
    space = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    origin = f"<feedburner:origLink {space}>http://example.org/real</feedburner:origLink></item>"
    body = rss(item(link="http://relay.example/~r/1")).replace(b"</item>", origin.encode())
    assert read(body).entries[0].link == "http://example.org/real"


def full_texts(feed: ParsedFeed) -> Iterator[str | None]:
    for entry in feed.entries:
        yield from (entry.guid, entry.link, entry.link_raw, entry.title, entry.summary)
        yield from (entry.content_html, entry.published_raw, entry.language)
        yield from (*entry.authors, *entry.categories)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_breaks_the_reader(data: st.DataObject) -> None:
    """A feed cut or damaged anywhere yields a feed or a reason, and storable texts."""
    body = data.draw(st.sampled_from([ATOM.encode(), RDF.encode(), rss(item(1), item(2), item(3))]))
    spoilt = bytearray(body[: data.draw(st.integers(0, len(body)))])
    parts = [b"<", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"&nbsp;", b"\xff\xfe"]
    damage = st.one_of(st.binary(max_size=4), st.sampled_from(parts))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(spoilt)))
        spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(damage)
    types = [None, "text/xml; charset=gbk", "application/xml; charset=nonsense"]
    found = read_any(bytes(spoilt), data.draw(st.sampled_from(types)))
    assert isinstance(found, ParsedFeed | Unreadable)
    if isinstance(found, ParsedFeed):
        for text in full_texts(found):
            assert text is None or text.encode("utf-8")
