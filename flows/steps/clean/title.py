"""A page's title without its site's name: what headline, meta elements and the title element agree on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flows.steps.clean.declared import strings_of
from flows.steps.clean.parse import squeeze, text_of

if TYPE_CHECKING:
    from flows.steps.clean.declared import Declared
    from flows.steps.clean.parse import Element

_PARTED = re.compile(r"\s+[|–—·•»«:~/\\-]+\s+|\s*[|｜_»]+\s*|\s*--+\s*|\s+::\s+")
_TITLE_CLASS = re.compile(
    r"(entry|post|article|page|news|story|head)[-_]?(title|headline|heading)|^(title|headline|headtitle)$", re.I
)
_LONGEST = 400


def read_title(tree: Element, declared: Declared, hint: str | None, url: str) -> str:
    """Return the title, or an empty text when the page has none.

    The visible heading wins where a declared title confirms it; without one, the declared title loses its site's name.
    """
    heads = _headings(tree)
    stated = [
        text
        for text in (*strings_of(declared.article.get("headline")), declared.first("og:title"), declared.first("twitter:title"))
        if text
    ]
    page_title = squeeze(next((element.text_content() for element in tree.iter("title")), ""))
    told = [*([hint] if hint else []), *stated, *([page_title] if page_title else [])]
    for head in heads:
        if any(_same(head, other) for other in told) or any(_holds(other, head) for other in told):
            return head
    for text in stated:
        return _without_site(text, declared, url)
    if hint:
        return squeeze(hint)
    cut = _without_site(page_title, declared, url)
    return heads[0] if heads and (not cut or len(heads) == 1) else cut


def _headings(tree: Element) -> list[str]:
    """Return the texts that may be the visible headline: h1 first, then what its class calls a title."""
    heads = [text_of(element) for element in tree.iter("h1")]
    heads += [text_of(element) for element in tree.iter("h2", "h3") if _TITLE_CLASS.search(element.get("class") or "")]
    heads += [text_of(element) for element in tree.iter("h2")][:2]
    return [text for text in dict.fromkeys(heads) if 1 < len(text) <= _LONGEST]


def plain(text: str) -> str:
    """Return a text's letters and digits in lower case, for comparing."""
    return re.sub(r"[\W_]+", "", text).lower()


def _same(a: str, b: str) -> bool:
    return plain(a) == plain(b) != ""


def _holds(longer: str, shorter: str) -> bool:
    """Tell whether a title is the headline with a site's name before or after it."""
    a, b = plain(longer), plain(shorter)
    return len(b) >= 4 and (a.startswith(b) or a.endswith(b)) and len(b) * 3 >= len(a)


def _without_site(title: str, declared: Declared, url: str) -> str:
    """Return a title without the parts at its ends that name the site or a section."""
    parts = [part for part in _PARTED.split(title) if part]
    if len(parts) < 2:
        return squeeze(title)
    site = plain(declared.first("og:site_name", "application-name", "publisher", "twitter:site") or "")
    host = plain(urlsplit(url).hostname or "")
    sections = {plain(text) for text in declared.breadcrumbs}

    def is_site(part: str) -> bool:
        name = plain(part)
        return bool(name) and (
            name == site or name in sections or name in host or (bool(site) and site in name and len(name) < 2 * len(site))
        )

    start, end = 0, len(title)
    while (cuts := [*_PARTED.finditer(title, start, end)]) and is_site(title[cuts[-1].end() : end]):
        end = cuts[-1].start()
    while (cuts := [*_PARTED.finditer(title, start, end)]) and is_site(title[start : cuts[0].start()]):
        start = cuts[0].end()
    if (
        end == len(title)
        and start == 0
        and (cuts := [*_PARTED.finditer(title)])
        and re.search(r"[|｜_»]|--|\s[–—-]\s", cuts[-1][0])
    ):
        tail = title[cuts[-1].end() :]
        if len(tail) <= 40 and len(tail) < cuts[-1].start():
            end = cuts[-1].start()
    return squeeze(title[start:end])
