"""Normalisation of URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import cases
from tidings.base.urls import (
    MAX_URL_CHARS,
    UrlParts,
    host_of,
    normalise_url,
    parse_url,
    prepare_url,
)

SPELLINGS = {
    "HTTP://Example.ORG:80/a": "http://example.org/a",
    "https://example.org:443": "https://example.org/",
    "https://example.org:8443/": "https://example.org:8443/",
    "http://example.org/a#part": "http://example.org/a",
    "http://example.org/#!/a": "http://example.org/#!/a",
    "http://example.org/a?utm_source=rss&id=3&fbclid=x&spm=1.2": "http://example.org/a?id=3",
    "http://example.org/a?utm_source=rss": "http://example.org/a",
    "http://example.org/a/../b/./c": "http://example.org/b/c",
    "http://example.org/../..": "http://example.org/",
    "http://example.org/a/b/../c": "http://example.org/a/c",
    "http://example.org/a/b/..": "http://example.org/a/",
    "http://example.org/a/.": "http://example.org/a/",
    "http://example.org/-a//./b": "http://example.org/-a//b",
    "http://example.org/./a?utm_id=1&b=2&": "http://example.org/a?b=2",
    "http://example.org/a/b.c//d;e=1?b=2&utm_id=1&&c": "http://example.org/a/b.c//d;e=1?b=2&c",
    "http://example.org/a_b?": "http://example.org/a_b",
    "http://example.org:80/a?": "http://example.org/a",
    "http://example.org:34567/a?&": "http://example.org:34567/a",
    "https://example.org:443/a": "https://example.org/a",
    "https://example.org:80/a": "https://example.org:80/a",
    "http://example.org/%7Eme/%e4%b8%ad": "http://example.org/~me/%E4%B8%AD",
    "http://example.org/中文": "http://example.org/%E4%B8%AD%E6%96%87",
    "http://例子.测试/": "http://xn--fsqu00a.xn--0zwm56d/",
    "http://bücher.example/": "http://xn--bcher-kva.example/",
    " http://example.org/a b\n": "http://example.org/a%20b",
    "http://example.org./": "http://example.org/",
    "http://example.org.\u00ad/": "http://example.org/",
    "http://example.org/?a=1&a=2&b": "http://example.org/?a=1&a=2&b",
    "http://example.org/?p=100%": "http://example.org/?p=100%25",
    "http://[2001:DB8::1]/": "http://[2001:db8::1]/",
    "http:\\\\example.org\\a\\b?c\\d": "http://example.org/a/b?c%5Cd",
}


@pytest.mark.parametrize("url", SPELLINGS)
def test_equivalent_urls_have_one_form(url: str) -> None:
    """URLs that differ in case, port, fragment, tracking, dots or escapes are the same page."""
    assert normalise_url(url) == SPELLINGS[url]


@cases(
    "url",
    "",
    "javascript:alert(1)",
    "file:///x",
    "mailto:a@b",
    "http://u:p@h/",
    "/x",
    "http://",
    "http://[::1",
    "http://[v1.x]/",
    "http://h:999999/",
)
def test_an_invalid_url_yields_none(url: str) -> None:
    """An invalid URL yields None and no exception."""
    assert normalise_url(url) is None


def test_links_resolve_and_have_a_length_limit() -> None:
    """A relative link is resolved as in RFC 3986, a requested URL keeps tracking parameters,
    because a server may need them, and longer URLs than 4,096 characters yield None.
    """
    assert normalise_url("../b?x=1#y", "https://example.org/a/c/") == "https://example.org/a/b?x=1"
    assert normalise_url("//other.example/", "https://example.org/") == "https://other.example/"
    assert prepare_url("http://example.org/f?utm_source=x#a") == "http://example.org/f?utm_source=x"
    for start in ("http://example.org/", "HTTP://example.org/"):
        longest = start + "a" * (MAX_URL_CHARS - len(start))
        for function in (normalise_url, prepare_url):
            assert function(longest) == longest.lower()
            assert function(longest + "a") is None
        assert parse_url(longest + "a") is None


@given(
    st.text(max_size=60),
    st.sampled_from(["", "http://example.org/", "https://a.example/b?", "http://", "//"]),
)
def test_normalisation_is_idempotent(text: str, before: str) -> None:
    """A normalised URL is plain ASCII, and normalising it again does not change it."""
    once = normalise_url(before + text, "https://base.example/x/")
    if once is not None:
        assert once.isascii()
        assert normalise_url(once) == once


@given(
    st.lists(
        st.sampled_from(
            ["id=3", "utm_source=rss", "spm=1.2", "q=a,b+c", "b", "", "ref=x:/y", "FBCLID=1"]
        ),
        max_size=5,
    ),
    st.sampled_from(
        [
            "http://example.org/",
            "https://a.example:8443/b/c.html",
            "http://a-b.example.org/~x/_/y-z",
        ]
    ),
)
def test_the_fast_path_equals_the_full_normalisation(pairs: list[str], before: str) -> None:
    """The fast path for plain URLs returns the same as the full normalisation."""
    url = f"{before}?{'&'.join(pairs)}" if pairs else before
    assert normalise_url(url) == normalise_url(url.replace("http", "HTTP", 1))


@cases(
    "url, port, origin",
    ("http://example.org/a", 80, "http://example.org"),
    ("https://example.org/a", 443, "https://example.org"),
    ("http://example.org:8600/a", 8600, "http://example.org:8600"),
    ("https://u:p@Example.org?a", 443, "https://u:p@Example.org"),
    ("ftp://example.org/a", 0, "ftp://example.org"),
)
def test_a_parsed_url_identifies_the_server(url: str, port: int, origin: str) -> None:
    """The port is the scheme's default or else 0; an invalid URL yields None."""
    scheme = url.partition(":")[0]
    parts = UrlParts(scheme, "example.org", port, origin, has_user="@" in url)
    assert parse_url(url) == parts
    assert host_of(url) == "example.org"
    assert parse_url("http://h:999999/") is None
    assert host_of("http://h:999999/") == ""
