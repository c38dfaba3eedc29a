"""Whether a body shows an address: as it stands there, and not as the beginning of a longer one."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Characters of an address (RFC 3986) but quotes and brackets, which close one more often than they belong to it; an ampersand
# that begins a character reference for a quote or an angle bracket closes one too, and so does punctuation at a sentence's end.
_REST = re.compile(rb"(?:[.,:;!]*(?:[A-Za-z0-9\-_~/?#@$*+=%]|&(?!(?:quot|apos|lt|gt|nbsp|#0*3[49]|#x0*2[27]);)))*", re.IGNORECASE)

MAX_REST = 4_096  # bytes of an address beyond the one sought: a longer one is no address that is stored


def is_home_page(url: str) -> bool:
    """Return whether an address is a site's own: pages lead there that have nothing to do with each other."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def url_forms(urls: Iterable[str]) -> set[bytes]:
    """Return addresses as bodies may show them: plain, and with ampersands as markup writes them."""
    return {form.encode() for url in urls for form in (url, url.replace("&", "&amp;"))}


def contains_url(body: bytes, needles: Iterable[bytes], is_meant: Callable[[str], bool] = lambda _: False) -> bool:
    """Return whether a body holds one of these texts, each ending where an address ends, a slash more or less.

    Of a longer address that begins with one, ``is_meant`` says whether it is the same page.
    """
    return any(_shows(body, needle, is_meant) for needle in needles)


def _shows(body: bytes, needle: bytes, is_meant: Callable[[str], bool]) -> bool:
    at, end = body.find(needle), 0
    while at >= 0:
        start = at + len(needle)
        if start > end or not end:  # else it is inside of an address that was followed to its end before
            found = _REST.match(body, start)
            end = found.end() if found else start
        if end - start <= MAX_REST:
            rest = body[start:end]
            if rest in (b"", b"/") or is_meant(html.unescape((needle + rest).decode(errors="replace"))):
                return True
        at = body.find(needle, at + 1)
    return False
