"""Check whether a response body contains a URL, not counting longer URLs that begin with it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Characters of a URL (RFC 3986) except quotes and brackets, which usually follow a URL. A character
# reference for a quote or an angle bracket also ends a URL, and so does punctuation at the end of a
# sentence.
_REST = re.compile(
    rb"(?:[.,:;!]*(?:[A-Za-z0-9\-_~/?#@$*+=%]|&(?!(?:quot|apos|lt|gt|nbsp|#0*3[49]|#x0*2[27]);)))*",
    re.IGNORECASE,
)

MAX_REST = 4_096  # bytes after the URL: no stored URL is longer


def is_home_page(url: str) -> bool:
    """Return whether a URL is a site's home page, to which unrelated pages redirect."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def url_forms(urls: Iterable[str]) -> set[bytes]:
    """Return the forms of URLs in a body: plain, and with ampersands escaped."""
    return {form.encode() for url in urls for form in (url, url.replace("&", "&amp;"))}


def contains_url(
    body: bytes, forms: Iterable[bytes], is_same_page: Callable[[str], bool] = lambda _: False
) -> bool:
    """Return whether a body contains one of these URLs, with or without a final slash.

    ``is_same_page`` decides whether a longer URL that begins with one of them identifies the same
    page.
    """
    return any(_contains(body, form, is_same_page) for form in forms)


def _contains(body: bytes, form: bytes, is_same_page: Callable[[str], bool]) -> bool:
    at, end = body.find(form), 0
    while at >= 0:
        start = at + len(form)
        if start > end or not end:  # otherwise the match is inside a URL whose end is known
            match = _REST.match(body, start)
            end = match.end() if match else start
        if end - start <= MAX_REST:
            rest = body[start:end]
            if rest in (b"", b"/") or is_same_page(
                html.unescape((form + rest).decode(errors="replace"))
            ):
                return True
        at = body.find(form, at + 1)
    return False
