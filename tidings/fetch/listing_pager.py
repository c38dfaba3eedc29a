"""Find the link from a listing to its next page of older items, and a selector for it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import Tag
from soupsieve import SelectorSyntaxError
from soupsieve import escape as escape_name

from tidings.base.urls import normalise_url
from tidings.fetch.selector_search import stable_names
from tidings.fetch.sources.listing import link_text

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
        link = normalise_url(str(element.get("href") or ""), base)
        if not link or not _may_be_next(link, url):
            continue
        for selector in _selectors(element):
            try:
                chosen = page.select_one(selector)
            except SelectorSyntaxError:
                continue
            if chosen is element:
                return selector
    return None


def _may_be_next(link: str, url: str) -> bool:
    """Return whether a link may be another page of a listing: on its host, in its folder, or with
    the same words.
    """
    page, other = urlsplit(normalise_url(url) or url), urlsplit(link)
    if other.hostname != page.hostname or link == normalise_url(url):
        return False
    folder = page.path if page.path.endswith("/") else f"{page.path.rpartition('/')[0]}/"
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
    ranked: list[tuple[int, int, Tag]] = []
    for number, element in enumerate(page.find_all(["a", "link"], href=True, limit=_MAX_LINKS)):
        if "next" in [str(word).lower() for word in element.get("rel") or ()]:
            ranked.append((0 if element.name == "a" else 1, number, element))
        elif element.name == "a" and (rank := _rank(element)) is not None:
            ranked.append((rank, number, element))
    return [element for *_, element in sorted(ranked, key=lambda entry: entry[:2])][:20]


def _rank(link: Tag) -> int | None:
    text = link_text(link)
    labels = [text, str(link.get("aria-label") or ""), str(link.get("title") or "")]
    is_paged = _is_in_pager(link)
    if any(len(label) <= 40 and _NEXT.fullmatch(label.strip()) for label in labels):
        return 2 if is_paged else 4
    names = [*stable_names(link), *(stable_names(link.parent) if link.parent else ())]
    if is_paged and any(_NEXT_NAME.search(name) for name in names):
        return 3
    if is_paged and _ARROW.fullmatch(text):
        return 5
    return 6 if is_paged and text == "2" else None


def _is_in_pager(link: Tag) -> bool:
    for level, element in enumerate(link.parents):
        if level == _LEVELS or element.name in {"body", "main", "article"}:
            return False
        marks = (
            f"{' '.join(map(str, element.get('class') or ()))} {element.get('id') or ''}"
            f" {element.get('aria-label') or ''}"
        )
        if _PAGER.search(marks) and len(element.find_all("a", limit=40)) < 40:
            return True
    numbers = [
        link_text(other) for other in (link.parent.find_all("a", limit=12) if link.parent else ())
    ]
    return "2" in numbers or "3" in numbers


def _selectors(element: Tag) -> Iterator[str]:
    """Yield selectors of a link, the most durable first."""
    if "next" in [str(word).lower() for word in element.get("rel") or ()]:
        yield f'{element.name}[rel~="next"]'
    for name in filter(_NEXT_NAME.search, stable_names(element)):
        yield f"a.{escape_name(name)}"
    for name in filter(_NEXT_NAME.search, stable_names(element.parent) if element.parent else ()):
        yield f".{escape_name(name)} a"
    for attribute in ("aria-label", "title"):
        label = str(element.get(attribute) or "")
        if _NEXT.fullmatch(label.strip()):
            yield f"a[{attribute}={_quoted(label)}]"
    places = list(islice(element.parents, _LEVELS))
    contexts = [f".{escape_name(name)} " for place in places for name in stable_names(place)]
    contexts += [f"#{escape_name(str(place['id']))} " for place in places if place.get("id")]
    yield from _selectors_by_text(element, contexts)


def _selectors_by_text(element: Tag, contexts: list[str]) -> Iterator[str]:
    text = link_text(element)
    if text == "2":
        for mark in (*_current_marks(element), "strong", "b", "em", "span"):
            for context in (*contexts, ""):
                yield f"{context}{mark} + a"
                yield f"{context}{mark} + li > a"
        return
    for context in (*contexts, ""):
        if text:
            yield f"{context}a:-soup-contains({_quoted(text)})"
        yield f"{context}a:last-of-type"


def _current_marks(element: Tag) -> Iterator[str]:
    """Yield selectors of the element before a link or its list element: the number of the current
    page.
    """
    for place in (element, element.parent):
        before = place.find_previous_sibling() if place is not None else None
        if not isinstance(before, Tag):
            continue
        for name in before.get("class") or ():
            yield f"{before.name}.{escape_name(str(name))}"
        if before.get("aria-current"):
            yield "[aria-current]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ")
    return f'"{escaped}"'
