"""Find a short CSS selector for given links of a page: it prefers names with a meaning over tags
and positions.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice, product, takewhile
from operator import is_not
from typing import TypeVar

from bs4 import BeautifulSoup, Tag
from soupsieve import escape as escape_name

from tidings.fetch.sources.listing_dates import HEADINGS, elements_in, is_link

T = TypeVar("T")
PAGE_TAGS = frozenset({"body", "html", "[document]"})
_MAX_TRIED = 60  # selectors that are tried on a page
_GOOD = 0.999  # F1 of the URLs at which the search ends
_POOR = 0.8  # F1 below which elements are selected by their places
_COMMON = 0.9  # share of the items that have a name
_LEVELS = 8  # elements above the items that may distinguish them
_CHANGING = re.compile(
    r"(?:odd|even)(?:-?row)?|first|last|active|current|selected|visited|open|hidden|visible|expanded|"
    r"collapsed|loaded|lazy\w*|(?:is|has|js|no|with)-.*|"
    r".*[-_](?:odd|even|first|last|active|current|alt)",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"[A-Za-z]+\d+[A-Za-z]+\d*[A-Za-z]*$|(?=.*\d.*\d)(?=.*[a-z]).{8,}|.*\d{3}|.*__[\w-]*[A-Z0-9][\w-]{3,}$|"
    r"(?:css|sc|jsx|svelte|emotion|astro|data-v)-.*"
)
_TELLING = re.compile(
    r"news|press|prensa|stampa|item|list|article|artikel|post|entry|teaser|result|release|meldung|"
    r"mitteilung|title|headline|comm?uni|actual|aktuell|noti|media|story|card|row|record|document|"
    r"event|update|topic|info|xw|tz|lb|gg",
    re.IGNORECASE,
)
_TAGS = frozenset({"article", "main", "dl", "dd", "tr", "table", "ul", "ol", "li"})
_VOWELLESS = re.compile(r"[^aeiou]{3,}", re.IGNORECASE)


def stable_names(element: Tag) -> list[str]:
    """Return the classes of an element that do not depend on its state, its position or a build."""
    names = map(str, islice(element.get("class", ()), 12))
    return [
        name
        for name in names
        if len(name) <= 40 and re.fullmatch(r"[\w-]+", name) and not _is_unstable(name)
    ]


def _is_unstable(name: str) -> bool:
    if _CHANGING.fullmatch(name) or _GENERATED.match(name):
        return True
    end = re.split(r"[-_]+", name)[-1]
    if not 5 <= len(end) <= 8 or end.islower():
        return False
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", end)
    # a hash such as jKlMnO, or such as huyMjp
    return 2 * len(parts) > len(end) or any(map(_VOWELLESS.fullmatch, parts))


def find_selector(
    page: BeautifulSoup, items: Sequence[Tag], links: Sequence[Tag], urls: Mapping[int, str]
) -> tuple[str, float]:
    """Return the best and cheapest selector of a listing's items, and its F1 over the URLs of
    ``links``.

    ``links`` are the main links of ``items``, in the same order; ``urls`` has the URL of each link
    of the page by its identity. A selected element counts as the first link in it.
    """
    wanted = {urls[id(link)] for link in links}
    choices = set(_candidates(items, links))
    tried = [selector for *_, selector in sorted((cost, len(text), text) for cost, text in choices)]
    best, best_f1 = "", 0.0
    for selector in tried[:_MAX_TRIED]:
        f1 = _measure(page, selector, wanted, urls)
        if f1 > best_f1 + 1e-9:
            best, best_f1 = selector, f1
        if f1 >= _GOOD:
            break
    place = _by_place(items)
    if best_f1 < _POOR and (f1 := _measure(page, place, wanted, urls)) > best_f1:
        return place, f1
    return best, best_f1


def _by_place(items: Sequence[Tag]) -> str:
    """Return the selector of the items by the tags of the elements above them, and their numbers if
    the items share them.
    """
    ways = [[item, *islice(item.parents, 2 * _LEVELS)] for item in (items[0], items[-1])]
    steps: list[str] = []
    for first, last in zip(*ways, strict=False):
        if first.name in {"html", "[document]"}:
            break
        is_fixed = steps and first.name != "body" and _position(first) == _position(last)
        steps.append("{}:nth-of-type({})".format(*_position(first)) if is_fixed else first.name)
    return " > ".join(reversed(steps))


def _measure(
    page: BeautifulSoup, selector: str, wanted: set[str], urls: Mapping[int, str]
) -> float:
    elements = page.select(selector, limit=2_000)
    links = (next(filter(is_link, chain([tag], elements_in(tag))), None) for tag in elements)
    chosen = {urls.get(id(link), "") for link in links} - {""}
    return 2 * len(chosen & wanted) / (len(chosen) + len(wanted))


def _candidates(items: Sequence[Tag], links: Sequence[Tag]) -> Iterator[tuple[float, str]]:
    """Yield selectors with their costs: an ancestor, the item, and the path from the item to its
    link.
    """
    tails = [(0.0, "")]
    if items[0] is not links[0]:
        pairs = zip(items, links, strict=True)
        between = [list(takewhile(partial(is_not, item), link.parents)) for item, link in pairs]
        tails += _tails(between, links)
    contexts = [(0.0, ""), *_contexts(items[0])]
    tag = items[0].name  # the items of a group have the same
    named = [(cost, f"{tag}{name}") for cost, name in _names([[item] for item in items])]
    atoms = [*named, (3.5 if tag in _TAGS else 7.5, tag)]
    for (near, context), (cost, item), (far, tail) in product(contexts, atoms, tails):
        is_bare = not context and not re.search(r"[.#]", item + tail)
        yield near + cost + far + 9.0 * is_bare, f"{context}{item}{tail}"


def _names(groups: Sequence[Sequence[Tag]]) -> list[tuple[float, str]]:
    names = chain.from_iterable(set(chain(*map(stable_names, group))) for group in groups)
    return [
        ((1.0 if _TELLING.search(name) else 3.0) + name[-1].isdigit(), f".{escape_name(name)}")
        for name in _common(names, len(groups))
    ]


def _common(values: Iterable[T], count: int) -> list[T]:
    return [value for value, uses in Counter(values).items() if uses >= _COMMON * count]


def _tails(between: Sequence[Sequence[Tag]], links: Sequence[Tag]) -> Iterator[tuple[float, str]]:
    """Yield the paths from an item to its main link, by the elements between them."""
    heads = chain.from_iterable({tag.name for tag in path} & HEADINGS for path in between)
    for head in _common(heads, len(between)):
        yield 1.0, f" {head} a"
    for cost, name in _names([[link] for link in links]):
        yield cost + 0.5, f" a{name}"
    for cost, name in _names(between):
        yield cost + 0.5, f" {name} a"
    cells = (_position(tag) for tag in chain(*between) if tag.name == "td")
    for cell, number in _common(cells, len(between)):
        yield 5.0, f" {cell}:nth-of-type({number}) a"


def _position(element: Tag) -> tuple[str, int]:
    """Return the tag of an element and its number among its siblings of that tag."""
    before = islice(element.previous_siblings, 40)
    return element.name, 1 + sum(
        getattr(sibling, "name", None) == element.name for sibling in before
    )


def _contexts(item: Tag) -> Iterator[tuple[float, str]]:
    for level, element in enumerate(islice(item.parents, _LEVELS)):
        if element.name in PAGE_TAGS:
            return
        far = 1.0 + 0.2 * level
        name = str(element.get("id", ""))
        is_name = re.fullmatch(r"[A-Za-z][\w-]{1,30}", name)
        if is_name and not _is_unstable(name) and not re.search(r"\d{3}|_\w{0,3}\d", name):
            yield 1.0 + far, f"#{escape_name(name)} "
        for cost, name in _names([[element]]):
            yield cost + far, f"{name} "
        if element.name in _TAGS:
            yield 2.5 + far, f"{element.name} "
