"""Propose the CSS selectors of a listing from the repeated structure of its page."""

import dataclasses
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice, product, takewhile
from math import sqrt
from operator import attrgetter, itemgetter
from statistics import median
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError
from soupsieve import escape as escape_name

from tidings.base.languages.words import read_patterns
from tidings.base.urls import host_of, normalise_url
from tidings.base.writing import width
from tidings.fetch.rate_limit import domain_of
from tidings.fetch.selector_search import PAGE_TAGS, find_selector, stable_names
from tidings.fetch.sources.listing import (
    base_url,
    find_labels,
    is_heading,
    item_title,
    read_items,
)
from tidings.fetch.sources.listing_dates import class_text, link_text, strings_in, upwards

_PAGER_LEVELS = 5  # elements above a link that may be the pager
_WORDS = read_patterns()["next_page"]
_NEXT = re.compile(rf"[\s«»‹›<>→⟩▶►·|-]*(?:{_WORDS})[\s«»‹›<>→⟩▶►·|]*", re.IGNORECASE)
_ARROW = re.compile(r"[›»→⟩▶►>＞]{1,2}|&gt;")
_PAGER = re.compile(
    r"pag[ei]|seiten|blätter|nav-?links|navigation|next|fanye|fy|yeshu", re.IGNORECASE
)
_NEXT_NAME = re.compile(
    r"[-_]next(?:$|[-_])|[a-z]next$|^next|weiter|suivant|siguiente|successiv", re.IGNORECASE
)


def find_next(page: BeautifulSoup, base: str, url: str) -> str | None:
    """Return the selector of the link to the next page, or None: links with rel=next, links whose
    name, label or text means "next", arrows in a pager, and the link after the current page.
    """
    links = page.find_all(["a", "link"], href=True, limit=_MAX_LINKS)
    ranked = [(rank, link) for link in links if (rank := _rank(link)) is not None]
    for _, element in sorted(ranked, key=itemgetter(0))[:20]:
        link = normalise_url(str(element.get("href", "")), base)
        if link and _may_be_next(link, url):
            declared = [f'{element.name}[rel~="next"]'] * _is_rel_next(element)
            named = _by_name(element), _by_label(element), _by_text(element)
            for selector in chain(declared, *named):
                with suppress(SelectorSyntaxError):
                    if page.select_one(selector) is element:
                        return selector
    return None


def _may_be_next(link: str, url: str) -> bool:
    """Return whether a link on its host may be another page of a listing: in its folder, or with
    the same words.
    """
    own = normalise_url(url) or url
    page, other = urlsplit(own), urlsplit(link)
    if other.hostname != page.hostname or link == own:
        return False
    folder = f"{page.path.rpartition('/')[0]}/"
    is_inside = folder != "/" and other.path.startswith(folder)
    return other.path == page.path or is_inside or _words(other.path) == _words(page.path)


def _words(path: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+", path.lower())
    return [word for word in words if not re.fullmatch("page|seite|pagina|p|index|list", word)]


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
    inside = takewhile(lambda tag: tag.name not in {"body", "main", "article"}, link.parents)
    for element in islice(inside, _PAGER_LEVELS):
        marks = f"{class_text(element)} {element.get('id', '')} {element.get('aria-label', '')}"
        if _PAGER.search(marks) and len(element.find_all("a", limit=40)) < 40:
            return True
    return False


def _by_name(link: Tag) -> Iterator[str]:
    """Yield selectors by a class that means "next", of a link or the element above it."""
    for place in islice(upwards(link), 2):
        for name in filter(_NEXT_NAME.search, stable_names(place)):
            yield f"a.{escape_name(name)}" if place is link else f".{escape_name(name)} a"


def _by_label(link: Tag) -> Iterator[str]:
    for attribute in ("aria-label", "title"):
        label = str(link.get(attribute, ""))
        if _says_next(label):
            yield f"a[{attribute}={_quoted(label)}]"


def _by_text(link: Tag) -> Iterator[str]:
    """Yield selectors by a link's text, or by the number before it, within an element above it."""
    places = list(islice(link.parents, _PAGER_LEVELS))
    contexts = [f".{escape_name(name)} " for place in places for name in stable_names(place)]
    contexts += [f"#{escape_name(str(place['id']))} " for place in places if place.get("id")]
    text = link_text(link)
    choices = [[f"a:-soup-contains({_quoted(text)})", "a:last-of-type"][not text :]]
    if text == "2":
        marks = (*_current_marks(link), "strong", "b", "em", "span")
        choices = [[f"{mark} + a", f"{mark} + li > a"] for mark in marks]
    for forms, context in product(choices, (*contexts, "")):
        yield from map(context.__add__, forms)


def _current_marks(element: Tag) -> Iterator[str]:
    """Yield selectors of the element before a link or its list element: the current page."""
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


T = TypeVar("T")
_MAX_LINKS = 3_000  # links of a page that are compared
_MAX_DATED = 12  # groups of a page whose dates are read
_MAX_GROUPS = 5  # groups of a page for which selectors are sought
_LEVELS = 14  # elements above a link that may be its item
# length up to which a link is not a headline, and length of a usual headline
_MIN_HEADLINE, _USUAL = 8, 34
_MIN_SHARE = 0.12  # of a usual headline's length, for short texts
_MANY = 40  # more items do not improve a proposal
_CERTAIN_SCORE = 0.9  # a lower score means short texts, other hosts or places such as menus
_GOOD_FIT = 0.85  # F1 of a selector's items below which a proposal is never certain
_CERTAIN_MARGIN = 1.25  # ratio of the scores of the best and the second proposal
_WHOLE = {"body", "html", "article"}  # tags that contain the whole page
_NOISE_TAGS = frozenset({"nav", "footer", "aside", "select", "template"})
_NOISE_ROLES = frozenset(
    {"navigation", "contentinfo", "complementary", "search", "menu", "menubar", "banner"}
)
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:nav(?:i|bar|igation)?|(?:mega|main|sub|top)?-?menu|footer|fusszeile|pied|"
    r"(?:bread)?crumbs?|brotkrumen|side-?bar|widgets?|related|recommend\w*|popular|pagination|"
    r"most-?(?:read|viewed)|pager|share|social|languages?|sprach\w*|cookies?|consent|login|skip|"
    r"tagcloud|(?:quick|friend)-?links?|toolbar|top-?bar|banner|carousel|partners?)(?=$|[\s_-])",
    re.IGNORECASE,
)
_MAIN = re.compile(r"main(?:-?content)?|content|inhalt|contenu|contenido|contenuto", re.IGNORECASE)


class Item(NamedTuple):
    """An item that a selector matches. ``date`` is the text of its visible date, or None."""

    url: str
    title: str
    date: str | None


def dated_share(items: list[Item]) -> float:
    """Return the share of items with a date."""
    return sum(item.date is not None for item in items) / len(items)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Selectors of a listing and the items that they match. ``is_certain``: enough items with dates
    or long headlines have the same structure, and no other group on the page comes close.
    """

    item_selector: str
    next_selector: str | None
    items: list[Item]
    score: float
    is_certain: bool = False


class _Link(NamedTuple):
    """A link of a page. ``text`` is empty if other links have the same."""

    tag: Tag
    url: str
    text: str
    is_heading: bool


@dataclass(slots=True)
class _Group:
    """Elements of the same structure (``items``), and their main links in the same order."""

    items: list[Tag]
    links: list[_Link]
    headed: bool = False  # most links are headings
    score: float = 0.0
    shown: list[Item] = field(default_factory=list)


def propose_selectors(page: BeautifulSoup, url: str, zone: str, now: dt.datetime) -> list[Proposal]:
    """Return proposals for the listing on a page, the best first. ``zone`` (IANA) and ``now`` (UTC)
    serve to read dates.
    """
    base = base_url(page, url)
    structure = _Structure(page, base, url)
    groups = _best(structure.groups(), _MAX_DATED)
    for group in groups:
        shown: dict[str, Item] = {}
        links = [link[:2] for link in group.links]
        for _, target, title, date in read_items(links, zone, now, structure.labels):
            shown.setdefault(target, Item(target, title, date))
        group.shown = list(shown.values())
        group.score *= 0.35 + 0.65 * dated_share(group.shown)
    next_selector = find_next(page, base, url)
    proposals: dict[str, Proposal] = {}
    for group in _best(groups, _MAX_GROUPS):
        if group.score > 0:
            tags = [link.tag for link in group.links]
            selector, f1 = find_selector(page, group.items, tags, structure.urls)
            score = group.score if f1 >= _GOOD_FIT else min(f1 * group.score, 0.99 * _CERTAIN_SCORE)
            proposals.setdefault(selector, Proposal(selector, next_selector, group.shown, score))
    proposals.pop("", None)
    ranked = _best(proposals.values(), _MAX_GROUPS)
    if ranked and _is_certain(ranked):
        ranked[0] = dataclasses.replace(ranked[0], is_certain=True)
    return ranked


def _best(choices: Iterable[T], count: int) -> list[T]:
    return sorted(choices, key=attrgetter("score"), reverse=True)[:count]


def _is_certain(proposals: list[Proposal]) -> bool:
    best, *others = proposals
    urls = {item.url for item in best.items}
    # proposals most of whose items are not items of the first one
    rivals = (
        other.score
        for other in others
        if 2 * sum(item.url in urls for item in other.items) <= len(other.items)
    )
    count = len(best.items)
    is_dated = count >= 4 and dated_share(best.items) >= 0.6
    is_long = count >= 8 and median(_weight(item.title) for item in best.items) >= _USUAL
    is_clear = best.score >= max(_CERTAIN_SCORE, _CERTAIN_MARGIN * max(rivals, default=0.0))
    return (is_dated or is_long) and is_clear


class _Structure:
    """The links of a page and the elements around them. ``urls`` has their URLs by identity."""

    def __init__(self, page: BeautifulSoup, base: str, url: str) -> None:
        self._domain = domain_of(host_of(url))
        found = page.find_all("a", href=True, limit=_MAX_LINKS)
        targets = [(link, normalise_url(str(link["href"]), base) or "") for link in found]
        left_out = {"", normalise_url(url)}
        linked = [(link, target) for link, target in targets if target not in left_out]
        self.urls = {id(link): target for link, target in linked}
        self.labels = find_labels(linked)
        self._links = []
        for link, target in linked:
            is_own = any(text not in self.labels for text, _ in strings_in(link))
            text = item_title(link, link, None, self.labels) if is_own else ""
            self._links.append(_Link(link, target, text, is_heading(link)))
        self._weights: dict[int, float] = {}
        self._paths: dict[int, int] = {}
        self._study_places(page)

    def _study_places(self, page: BeautifulSoup) -> None:
        """Set each element's path, a number for the tags and main classes from the page to it, and
        its weight: above 1 in the main part of the page, below 1 in menus and the like.
        """
        counts = Counter(
            id(above) for link in self._links for above in islice(upwards(link.tag), 1, 60)
        )
        main_classes: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
        elements = page.find_all(name=True)  # in document order, so parents come first
        names = [stable_names(element) for element in elements]
        for element, own in zip(elements, names, strict=True):
            main_classes[id(element.parent)].update((element.name, name) for name in set(own))
        for element, own in zip(elements, names, strict=True):
            # the class that most of its siblings of the same tag have
            uses, tag = main_classes[id(element.parent)], element.name
            main = max(own, key=lambda name: uses[tag, name], default="")
            above = self._paths.get(id(element.parent), 0)
            self._paths[id(element)] = hash((above, tag, main))
            weight = self._weights.get(id(element.parent), 1.0)
            if "main" in (tag, element.get("role")) or _MAIN.fullmatch(str(element.get("id", ""))):
                weight = max(weight, 1.25)
            elif counts[id(element)] < 0.7 * len(self._links):
                weight = min(weight, _own_weight(element))
            self._weights[id(element)] = weight

    def groups(self) -> Iterable[_Group]:
        by_path: defaultdict[object, dict[int, tuple[Tag, list[_Link]]]] = defaultdict(dict)
        for link in self._links:
            inside = takewhile(lambda tag: tag.name not in PAGE_TAGS, upwards(link.tag))
            for element in islice(inside, _LEVELS):
                # some sites name only every second item
                place = self._paths.get(id(element.parent), 0)
                for path in (self._paths[id(element)], (place, element.name)):
                    by_path[path].setdefault(id(element), (element, []))[1].append(link)
        best: dict[frozenset[str], _Group] = {}
        for elements in by_path.values():
            items, links = map(list, zip(*elements.values(), strict=True))
            group = _Group(items, _main_links(links))
            key = frozenset(_urls_of(group.links))
            if len(key) < 2:
                continue
            headed = sum(link.is_heading for link in group.links)
            group.headed = headed >= 0.8 * len(group.links)
            group.score = self._score(group, links)
            known = best.setdefault(key, group)
            # Elements farther up contain the date too, so they replace their parts.
            above = map(id, islice(upwards(known.items[0]), _LEVELS))
            margin = 0.99 if id(group.items[0]) in above else 1.01
            if (group.headed, group.score) >= (known.headed, margin * known.score):
                best[key] = group
        return best.values()

    def _score(self, group: _Group, links: list[list[_Link]]) -> float:
        count = len(group.links)
        titles = [
            link.text or item_title(link.tag, item, None, self.labels)
            for item, link in zip(group.items, group.links, strict=True)
        ]
        weights = [*map(_weight, titles)]
        span = _USUAL - _MIN_HEADLINE
        length = sum(min(1.0, max(_MIN_SHARE, (w - _MIN_HEADLINE) / span)) for w in weights) / count
        bad = sum(weight < _MIN_HEADLINE for weight in weights) / count
        own = sum(domain_of(host_of(link.url)) == self._domain for link in group.links) / count
        place = sum(self._weights.get(id(link.tag), 1.0) for link in group.links) / count
        headlines = sum(len(_urls_of(filter(_is_headline, inner))) for inner in links)
        score: float = (
            sqrt(min(len(_urls_of(group.links)), _MANY))
            * (1.15 if group.headed else 1.0)
            * length
            * (1 - bad) ** 2
            * (len(set(titles)) / count)
            * (0.25 + 0.75 * own)  # some ministries publish their news on another domain
            * place
            * (1 / max(1.0, headlines / count) ** 1.5)
        )
        return score


def _main_links(items: list[list[_Link]]) -> list[_Link]:
    """Return the link of each item that leads to its page: a headline, else the longest text. Links
    of several items are topics.
    """
    uses = Counter(chain.from_iterable(map(_urls_of, items)))
    main = []
    for links in items:
        own = ([link for link in links if uses[link.url] == 1] or links)[:20]
        headings = (link for link in own if link.text and link.is_heading)
        main.append(next(headings, None) or max(own, key=lambda link: _weight(link.text)))
    return main


def _urls_of(links: Iterable[_Link]) -> set[str]:
    return {link.url for link in links}


def _is_headline(link: _Link) -> bool:
    return _weight(link.text) >= 2 * _MIN_HEADLINE


def _own_weight(element: Tag) -> float:
    tag = element.name
    if tag in _WHOLE:
        return 1.25
    if tag == "header" and not element.find_parent(["article", "li", "main"]):
        tag = "nav"
    if tag in _NOISE_TAGS or element.get("role") in _NOISE_ROLES:
        return 0.12
    names = f"{class_text(element)} {element.get('id', '')}"
    return 0.35 if _NOISE.search(re.sub(r"(?:has|with|no|is|without)-\w+", "", names)) else 1.25


def _weight(text: str) -> int:
    """Return the length of a headline; a character of a script without spaces counts twice."""
    return width(text[:400])
