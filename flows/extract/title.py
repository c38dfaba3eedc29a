"""A page's title without its site's name: what headline, meta elements and the title element agree on."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.parse import is_named, squeeze, text_of

if TYPE_CHECKING:
    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element

_PARTED = re.compile(r"\s+[|–—·•»«:~/\\-]+\s+|\s*[|｜_»]+\s*|\s*--+\s*|\s+::\s+")
_TITLE_CLASS = re.compile(
    r"(entry|post|article|page|news|story|head)[-_]?(title|headline|heading)|^(title|headline|headtitle)$", re.IGNORECASE
)
_NO_LETTER = re.compile(r"[\W_]+")
_LONGEST = 400
_LONGEST_DECLARED = 2_000  # characters of a declared title that are read
_ENOUGH = 12  # letters from which a heading that begins like a title is the same one
_ARCHIVE = {"blogarchiv", "blogarchive", "archive", "archiv", "blog"}  # what blogs put before a title


def read_title(tree: Element, declared: Declared, hint: str | None, url: str) -> str:
    """Return the title, or an empty text when the page has none.

    The visible heading wins where a declared title says the same, or the same with something before or after it; else the
    only heading; else the declared title without the site's name.
    """
    site = site_names(declared, url)
    page_title = squeeze(next((element.text_content() for element in tree.iter("title")), ""))
    headline = next(iter(strings_of(declared.article.get("headline"))), "") if declared.is_article else ""
    shared = _cut_names(declared.first("og:title", "twitter:title") or "", site)
    stated = [text for text in (_cut_names(headline, site), shared, squeeze(hint or "")) if text]
    cut = _cut_tail(_cut_names(page_title, site), page_title)
    heads = [head for head in _texts(tree, "h1") if plain(head) not in site and not _is_site(head, page_title, stated)]
    confirmed = next((head for head in heads if any(_same(other, head) for other in (*stated, cut))), None)
    if confirmed:
        return confirmed
    if longer := _among_longer(heads, stated):
        return longer
    lesser = [head for head in (*_titled(tree), *_texts(tree, "h2")[:3]) if plain(head) not in site]
    if same := next((head for head in lesser if any(_same(other, head) for other in (*stated, cut))), None):
        return same
    if headline and _same(headline, shared):
        return stated[0]  # JSON-LD and og:title agree: the heading leaves out or adds a kicker
    held = [head for head in (*heads, *lesser) if any(_holds(other, head) for other in (*stated, page_title))]
    if held or headline:
        return held[0] if held else stated[0]
    return heads[0] if len(heads) == 1 else next(iter(stated), cut or next(iter(heads), ""))


def _texts(tree: Element, tag: str) -> list[str]:
    """Return the distinct texts of elements that may be a headline, in order."""
    return [text for text in dict.fromkeys(text_of(element) for element in tree.iter(tag)) if 1 < len(text) <= _LONGEST]


def _titled(tree: Element) -> list[str]:
    """Return the texts of lesser headings that their class calls a title."""
    found = (
        text_of(e)
        for e in tree.iter("h2", "h3", "h4", "div", "p", "span")
        if len(e) < 4 and is_named(e.get("class") or "", _TITLE_CLASS)
    )
    return [text for text in dict.fromkeys(found) if 1 < len(text) <= _LONGEST][:5]


def _is_site(head: str, page_title: str, stated: list[str]) -> bool:
    """Tell whether a heading is the site's own: the page's title is a declared title and it."""
    key = plain(head)
    return any(key not in plain(other) and plain(page_title) in {plain(other) + key, key + plain(other)} for other in stated)


@lru_cache(maxsize=4_096)
def plain(text: str) -> str:
    """Return a text's letters and digits in lower case, for comparing; a page's steps ask for the same paragraphs."""
    return _NO_LETTER.sub("", text).lower()


def _same(a: str, b: str) -> bool:
    return plain(a) == plain(b) != ""


def _among_longer(heads: list[str], stated: list[str]) -> str | None:
    """Return the title from a heading that holds more than a stated one: a kicker before it goes, what follows stays."""
    for head in heads:
        for other in stated:
            if _is_kicker_above(head, other):
                return other
            if _goes_on(head, other):
                return head
    return None


def _is_kicker_above(head: str, stated: str) -> bool:
    """Tell whether a heading is a kicker and then the title that is stated."""
    return head.endswith(stated) and 0.4 * len(head) <= len(stated) < len(head) and not head[-len(stated) - 1].isalnum()


def _goes_on(head: str, stated: str) -> bool:
    """Tell whether a heading is the title that is stated, and goes on where that was cut short."""
    a, b = plain(head), plain(stated)
    return len(b) >= _ENOUGH and a.startswith(b) and len(a) <= 2.5 * len(b)


def _holds(longer: str, shorter: str) -> bool:
    """Tell whether a title is the headline with a site's name before or after it."""
    a, b = plain(longer), plain(shorter)
    return len(b) >= 4 and (a.startswith(b) or a.endswith(b)) and (len(b) * 3 >= len(a) or shorter in _PARTED.split(longer))


def site_names(declared: Declared, url: str) -> set[str]:
    """Return what the site may call itself at the end of a title: declared names, host, sections."""
    names = [
        declared.first(name)
        for name in ("og:site_name", "application-name", "publisher", "apple-mobile-web-app-title", "twitter:site")
    ]
    names += (
        strings_of(declared.article.get("publisher"))
        + strings_of(declared.article.get("isPartOf"))
        + list(declared.breadcrumbs[:-1])
    )
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return {plain(name) for name in [*names, host, *labels[:-1], ".".join(labels[-2:])] if name} - {""}


def _cut_names(title: str, site: set[str]) -> str:
    """Return a title without the parts at its ends that name the site."""
    start, end = 0, min(len(title), _LONGEST_DECLARED)
    while (cuts := [*_PARTED.finditer(title, start, end)]) and plain(title[cuts[-1].end() : end]) in site:
        end = cuts[-1].start()
    while (cuts := [*_PARTED.finditer(title, start, end)]) and plain(title[start : cuts[0].start()]) in site | _ARCHIVE:
        start = cuts[0].end()
    return squeeze(title[start:end])


def _cut_tail(cut: str, page_title: str) -> str:
    """Return a page's title without its last part, when nothing was known to be the site's name but the part looks like one."""
    cuts = [*_PARTED.finditer(cut)]
    if cut != page_title or not cuts or not re.search(r"[|｜_»]|--|\s[–—-]\s", cuts[-1][0]):
        return cut
    tail = cut[cuts[-1].end() :]
    return squeeze(cut[: cuts[-1].start()]) if len(tail) <= 40 and len(tail) < cuts[-1].start() else cut
