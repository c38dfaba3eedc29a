"""Decoding of response bodies within limits, and detection of their format."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.fetch.response_body import (
    BodyError,
    detect_format,
    inflate,
)

NAMES = {
    b"<rss version='2.0'><channel/></rss>": "feed",
    b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made -->\n<feed xmlns='a'/>": "feed",
    b"\n\n <?xml version='1.0'?><rdf:RDF xmlns:rdf='a'></rdf:RDF>": "feed",
    b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss></rss>": "feed",
    "<?xml version='1.0'?><rss></rss>".encode("utf-16"): "feed",
    b"<?xml version='1.0'?><rss versio": "cut",
    b"<br />\n<b>Warning</b>: no such file<br />\n<?xml version='1.0'?><rss></rss>": "feed",
    b"<html><body>see <rss></body></html>": "html",
    b"<p>see <rss></p>": "html",
    b"<!DOCTYPE html><title>x</title>": "html",
    b"<urlset xmlns='x'></urlset>": "sitemap",
    b"<sitemapindex></sitemapindex>": "sitemap",
    b'{"version": "https://jsonfeed.org/version/1.1"}': "json_feed",
    b'{"version":"https:\\/\\/jsonfeed.org\\/version\\/1"}': "json_feed",
    b'{"error": 1}': "json",
    b"<Error><Code>NoSuchKey</Code></Error>": "xml",
    b"http://example.org/a\n": "text",
    b"\x89PNG\0\0": "binary",
}


@pytest.mark.parametrize("body", NAMES)
def test_a_body_is_named_by_how_it_begins(body: bytes) -> None:
    """The format comes from the first bytes, not from the Content-Type."""
    assert detect_format(body) == NAMES[body]


@given(st.binary(max_size=3000))
def test_a_body_opens_whole(body: bytes) -> None:
    """A compressed body is decoded completely, also without the wrapper that deflate requires."""
    assert inflate(gzip.compress(body)) == body
    assert inflate(zlib.compress(body), "deflate") == body
    assert inflate(zlib.compress(body)[2:-4], "deflate") == body


def test_bodies_open_whole_or_not_at_all() -> None:
    """A body longer than one step and blocked gzip are decoded completely, without bytes after the
    last member. An incomplete body is refused, and so are five megabytes of empty members, which
    take a minute otherwise.
    """
    body = bytes(range(256)) * 4096 + b"A" * 3_000_000
    assert inflate(gzip.compress(body)) == body
    parts = [b"one ", b"", b"two " * 90_000, b"three"]
    packed = b"".join(map(gzip.compress, parts))
    assert inflate(packed) == inflate(packed + b"more than a header") == b"".join(parts)
    with pytest.raises(BodyError, match="incomplete"):
        inflate(gzip.compress(b"some text to pack")[:-1])
    with pytest.raises(BodyError, match="1,000 gzip members"):
        inflate(gzip.compress(b"") * 200_000)


def test_a_bomb_costs_little_memory() -> None:
    """A bomb of 300 MB in 300 kB is refused, and uses less than 30 MB of memory."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"A" * 1_000_000) for _ in range(300)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(BodyError, match="more than 20,000,000 bytes"):
            inflate(bomb)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
