"""Whether a body shows an address."""

import pytest

from tidings.warehouse.contains_url import is_home, needles_of, shows

PAGE = "http://example.org/a?x=1&y=2"


@pytest.mark.parametrize(
    ("body", "is_shown"),
    [
        (b"<link>http://example.org/a?x=1&amp;y=2</link>", True),
        (b"<link><![CDATA[http://example.org/a?x=1&y=2]]></link>", True),
        (b"<a href='http://example.org/a?x=1&y=2'>", True),
        (b"&lt;a href=&quot;http://example.org/a?x=1&amp;y=2&quot;&gt;", True),
        (b"See http://example.org/a?x=1&y=2.", True),
        (b"http://example.org/a?x=1&y=2", True),
        (b"http://example.org/a?x=1&y=23 and http://example.org/a?x=1&y=2", True),
        (b"<link>http://example.org/a?x=1&amp;y=23</link>", False),
        (b"<link>http://example.org/a?x=1&amp;y=2&amp;z=3</link>", False),
        (b"http://example.org/a?x=1&y=2.html", False),
        (b"http://example.org/a?x=1&y=23 and http://example.org/a?x=1&y=24", False),
    ],
)
def test_an_address_is_shown_where_it_ends(body, is_shown):
    """It counts in every markup that closes it, and not as the beginning of another page's address."""
    assert shows(body, needles_of([PAGE])) is is_shown


def test_a_longer_address_may_be_the_same_page():
    """Of one that goes on, the caller says whether it is meant; it is told the whole address, without markup's escapes."""
    asked = []
    body = b"<link>http://example.org/a?x=1&amp;y=2&amp;utm_source=rss</link>"
    assert shows(body, needles_of([PAGE]), lambda url: asked.append(url) or True)
    assert asked == ["http://example.org/a?x=1&y=2&utm_source=rss"]


def test_a_url_far_into_a_body_is_shown():
    """The place of a URL in the body does not matter; one that goes on for more than 4,096 bytes is another page."""
    asked = []
    assert shows(b" " * 10_000 + PAGE.encode(), needles_of([PAGE]))
    assert not shows(PAGE.encode() + b"x" * 5_000, needles_of([PAGE]), lambda url: asked.append(url) or True)
    assert asked == []


def test_a_home_page_is_a_site_without_a_path():
    """A query names a page; a path does; the site alone does not."""
    assert [is_home(url) for url in ("http://x.org", "http://x.org/", "http://x.org/?p=7", "http://x.org/a")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_address_repeated_without_an_end_is_followed_once():
    """Four times the repetitions hand four times the text to whoever compares addresses, not sixteen times."""

    def handed(count):
        lengths = []
        assert not shows(PAGE.encode() * count + b"x", needles_of([PAGE]), lambda url: lengths.append(len(url)))
        return sum(lengths)

    assert handed(8_000) <= 5 * handed(2_000)
