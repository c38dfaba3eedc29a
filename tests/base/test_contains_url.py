"""URLs in bodies."""

from typing import Any

from tests.cases import cases
from tidings.base.urls import contains_url, is_home_page, url_forms

PAGE = "http://example.org/a?x=1&y=2"


@cases(
    "body, is_shown",
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
)
def test_an_address_is_shown_where_it_ends(body: Any, is_shown: bool) -> None:
    """A URL is found in all kinds of markup, but not as the beginning of another URL."""
    assert contains_url(body, url_forms([PAGE])) is is_shown


def test_a_longer_address_may_be_the_same_page() -> None:
    """For a longer URL the caller decides; it receives the whole URL without escapes."""
    asked: list[str] = []

    def is_same_page(url: str) -> bool:
        asked.append(url)
        return True

    body = b"<link>http://example.org/a?x=1&amp;y=2&amp;utm_source=rss</link>"
    assert contains_url(body, url_forms([PAGE]), is_same_page)
    assert asked == ["http://example.org/a?x=1&y=2&utm_source=rss"]


def test_a_home_page_is_a_site_without_a_path() -> None:
    """A URL without a path and a query is a home page."""
    assert [
        is_home_page(url)
        for url in ("http://x.org", "http://x.org/", "http://x.org/?p=7", "http://x.org/a")
    ] == [
        True,
        True,
        False,
        False,
    ]


def test_an_address_repeated_without_an_end_is_followed_once() -> None:
    """The text passed to the caller grows linearly with the repetitions."""

    def handed(count: int) -> Any:
        lengths = []

        def is_same_page(url: str) -> bool:
            lengths.append(len(url))
            return False

        assert not contains_url(PAGE.encode() * count + b"x", url_forms([PAGE]), is_same_page)
        return sum(lengths)

    assert handed(8_000) <= 5 * handed(2_000)


def test_a_url_at_any_place_in_a_body() -> None:
    """A URL is found after 10,000 bytes; one over 4,096 bytes longer is another page."""
    asked: list[str] = []

    def is_same_page(url: str) -> bool:
        asked.append(url)
        return True

    assert contains_url(b" " * 10_000 + PAGE.encode(), url_forms([PAGE]))
    assert not contains_url(PAGE.encode() + b"x" * 5_000, url_forms([PAGE]), is_same_page)
    assert asked == []
