"""Find the link from a listing to its next page of older items, and a selector for it."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice, product
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import Tag
from soupsieve import SelectorSyntaxError
from soupsieve import escape as escape_name

from tidings.base.urls import normalise_url
from tidings.fetch.selector_search import stable_names
from tidings.fetch.sources.listing_dates import class_text, link_text, upwards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import BeautifulSoup

_MAX_LINKS = 3_000
_LEVELS = 5  # elements above a link that may be the pager
_WORDS = (
    r"(?:go to )?next(?: page)?|(?:load|show) more(?: \w+)?|mehr"
    r" (?:anzeigen|laden)|(?:voir|afficher) plus|(?:cargar|ver) más|"
    r"(?:показать|загрузить) ещ[её]|加载更多|もっと見る|더 ?보기|"
    r"older(?: (?:posts|entries|news|items))?|weiter|nächste(?: seite)?|ältere(?: \w+)?|vorwärts|"
    r"(?:page )?suivante?s?|plus ancien\w*|(?:página )?siguientes?|(?:pagina"
    r" )?(?:successiva|seguente)|successivo|avanti|"
    r"próxima|seguinte|volgende|nästa|næste|neste|seuraava|następna|další|következő|下一?[页頁]|后一?页|後一頁|"
    r"次(?:へ|の?ページ|の\d+件)?|다음(?: ?페이지)?|следующ\w+(?:"
    r" страница)?|вперед|вперёд|далее|дальше|التالي\w*|الصفحة التالية|"
    r"sonraki|наступна"
)
_NEXT = re.compile(rf"[\s«»‹›<>→⟩▶►>»·|-]*(?:{_WORDS})[\s«»‹›<>→⟩▶►>»·|]*", re.IGNORECASE)
_ARROW = re.compile(r"[›»→⟩▶►>＞]{1,2}|&gt;")
_PAGER = re.compile(
    r"pag(?:e|in|er)|seiten|blätter|nav-?links|navigation|next|fanye|fy|yeshu|pagi", re.IGNORECASE
)
_NEXT_NAME = re.compile(
    r"(?:^|[-_])next(?:$|[-_])|[a-z]Next$|^next|weiter|suivant|siguiente|successiv", re.IGNORECASE
)


def find_next(page: BeautifulSoup, base: str, url: str) -> str | None:
    """Return the selector of the link to the next page, or None if there is none.

    The order is: links with rel=next, links whose name, label or text means "next", arrows in a
    pager, and in a pager with numbers the link after the current page. ``base`` resolves links and
    ``url`` is the page itself.
    """
    for element in _ranked(page):
        link = normalise_url(str(element.get("href", "")), base)
        if link and _may_be_next(link, url):
            for selector in _selectors(element):
                with suppress(SelectorSyntaxError):
                    if page.select_one(selector) is element:
                        return selector
    return None


def _may_be_next(link: str, url: str) -> bool:
    """Return whether a link may be another page of a listing: on its host, in its folder, or with
    the same words.
    """
    own = normalise_url(url) or url
    page, other = urlsplit(own), urlsplit(link)
    if other.hostname != page.hostname or link == own:
        return False
    folder = f"{page.path.rpartition('/')[0]}/"
    return (
        other.path == page.path
        or (folder != "/" and other.path.startswith(folder))
        or _words(other.path) == _words(page.path)
    )


def _words(path: str) -> list[str]:
    return [
        word
        for word in re.findall(r"[^\W\d_]+", path)
        if word.lower() not in {"page", "seite", "pagina", "p", "index", "list"}
    ]


def _ranked(page: BeautifulSoup) -> list[Tag]:
    """Return the links that may lead to the next page, the most likely first."""
    links = page.find_all(["a", "link"], href=True, limit=_MAX_LINKS)
    ranked = [(rank, link) for link in links if (rank := _rank(link)) is not None]
    return [link for _, link in sorted(ranked, key=itemgetter(0))][:20]


def _rank(link: Tag) -> int | None:
    if link.name != "a":
        return 1 if _is_rel_next(link) else None
    text, is_paged = link_text(link), _is_in_pager(link)
    is_next = _says_next(text) or any(_by_label(link))
    signs = (
        _is_rel_next(link),
        False,
        is_next and is_paged,
        is_paged and any(_by_name(link)),
        is_next,
        is_paged and _ARROW.fullmatch(text),
        is_paged and text == "2",
    )
    return next((rank for rank, sign in enumerate(signs) if sign), None)


def _says_next(text: str) -> bool:
    return len(text) <= 40 and _NEXT.fullmatch(text.strip()) is not None


def _is_rel_next(link: Tag) -> bool:
    return "next" in map(str.lower, map(str, link.get("rel", ())))


def _is_in_pager(link: Tag) -> bool:
    for element in islice(link.parents, _LEVELS):
        if element.name in {"body", "main", "article"}:
            return False
        marks = f"{class_text(element)} {element.get('id', '')} {element.get('aria-label', '')}"
        if _PAGER.search(marks) and len(element.find_all("a", limit=40)) < 40:
            return True
    return False


def _selectors(element: Tag) -> Iterator[str]:
    """Yield selectors of a link, the most durable first."""
    if _is_rel_next(element):
        yield f'{element.name}[rel~="next"]'
    yield from _by_name(element)
    yield from _by_label(element)
    yield from _by_text(element)


def _by_name(link: Tag) -> Iterator[str]:
    """Yield selectors by a class that means "next", of a link or the element above it."""
    for place in islice(upwards(link), 2):
        for name in filter(_NEXT_NAME.search, stable_names(place)):
            yield f"a.{escape_name(name)}" if place is link else f".{escape_name(name)} a"


def _by_label(link: Tag) -> Iterator[str]:
    """Yield selectors by an attribute that means "next"."""
    for attribute in ("aria-label", "title"):
        label = str(link.get(attribute, ""))
        if _says_next(label):
            yield f"a[{attribute}={_quoted(label)}]"


def _by_text(link: Tag) -> Iterator[str]:
    """Yield selectors by a link's text, or by the number before it, within an element above it."""
    places = list(islice(link.parents, _LEVELS))
    contexts = [f".{escape_name(name)} " for place in places for name in stable_names(place)]
    contexts += [f"#{escape_name(str(place['id']))} " for place in places if place.get("id")]
    text = link_text(link)
    choices = [[f"a:-soup-contains({_quoted(text)})", "a:last-of-type"][not text :]]
    if text == "2":
        marks = (*_current_marks(link), "strong", "b", "em", "span")
        choices = [[f"{mark} + a", f"{mark} + li > a"] for mark in marks]
    for forms, context in product(choices, (*contexts, "")):
        yield from (f"{context}{form}" for form in forms)


def _current_marks(element: Tag) -> Iterator[str]:
    """Yield selectors of the element before a link or its list element: the number of the current
    page.
    """
    for place in islice(upwards(element), 2):
        before = place.find_previous_sibling()
        if isinstance(before, Tag):
            for name in before.get("class", ()):
                yield f"{before.name}.{escape_name(str(name))}"
            if before.get("aria-current"):
                yield "[aria-current]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ")
    return f'"{escaped}"'
