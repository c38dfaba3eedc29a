"""Propose the CSS selectors of a listing from the repeated structure of its page."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tidings.base.urls import host_of, normalise_url
from tidings.fetch.listing_pager import find_next
from tidings.fetch.rate_limit import domain_of
from tidings.fetch.selector_search import find_selector, stable_names
from tidings.fetch.sources.listing import base_url, find_labels, is_heading, item_title
from tidings.fetch.sources.listing_dates import ItemDates, strings_in, upwards

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from bs4 import BeautifulSoup, Tag

_MAX_LINKS = 3_000  # links of a page that are compared
_MAX_DATED = 12  # groups of a page whose dates are read
_MAX_GROUPS = 5  # groups of a page for which selectors are sought
_LEVELS = 14  # elements above a link that may be its item
# length up to which a link is not a headline, and length of a usual headline
_MIN_HEADLINE, _USUAL = 8, 34
# share of a usual headline's length that short texts count, because dates may show that they are
# headlines
_MIN_SHARE = 0.12
_MANY = 40  # more items do not improve a proposal
_CERTAIN_SCORE = 0.9  # a lower score means short texts, other hosts or places such as menus
_GOOD_FIT = 0.85  # F1 of a selector's items below which a proposal is never certain
_CERTAIN_MARGIN = 1.25  # ratio of the scores of the best and the second proposal
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_NOISE_TAGS = frozenset({"nav", "footer", "aside", "select", "template"})
_NOISE_ROLES = frozenset(
    {"navigation", "contentinfo", "complementary", "search", "menu", "menubar", "banner"}
)
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:nav(?:i|bar|igation)?|(?:mega|main|sub|top)?-?menu|footer|fusszeile|pied|breadcrumbs?|crumbs?|brotkrumen|side-?bar|"
    r"widgets?|related|recommend\w*|popular|most-?(?:read|viewed)|pagination|pager|share|social|languages?|sprach\w*|cookies?|consent|"
    r"login|skip|tagcloud|quick-?links?|friend-?links?|toolbar|top-?bar|banner|carousel|partners?)(?=$|[\s_-])",
    re.IGNORECASE,
)
_MAIN = re.compile(
    r"(?:main|content|main-?content|inhalt|contenu|contenido|contenuto)", re.IGNORECASE
)


class Item(NamedTuple):
    """An item that a selector matches. ``date`` is the text of its visible date, or None."""

    url: str
    title: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Selectors of a listing and the items that they match. ``score`` compares proposals for the
    same page.

    ``next_selector`` is None if the page links to no older page. ``is_certain``: enough items with
    dates or long headlines have the same structure, and no other group of links on the page comes
    close.
    """

    item_selector: str
    next_selector: str | None
    items: list[Item]
    score: float
    is_certain: bool = False

    @property
    def dated_share(self) -> float:
        """The share of items with a date."""
        return sum(item.date is not None for item in self.items) / len(self.items)


@dataclass(slots=True)
class _Group:
    """Elements of the same structure. ``items`` are the elements and ``links`` their main links, in
    the same order.
    """

    items: list[Tag] = field(default_factory=list)
    links: list[Tag] = field(default_factory=list)
    headed: bool = False  # most links are headings
    score: float = 0.0
    shown: list[Item] = field(default_factory=list)


def propose_selectors(page: BeautifulSoup, url: str, zone: str, now: dt.datetime) -> list[Proposal]:
    """Return proposals for the listing on a page, the best first, or an empty list if no structure
    repeats.

    ``zone`` is the publisher's IANA zone and ``now`` (UTC) the current time; both serve to read the
    dates.
    """
    base = base_url(page, url)
    structure = _Structure(page, base, url)
    groups = sorted(structure.groups(), key=lambda group: group.score, reverse=True)[:_MAX_DATED]
    for group in groups:
        structure.add_dates(group, zone, now)
    next_selector = find_next(page, base, url)
    proposals: list[Proposal] = []
    for group in sorted(groups, key=lambda group: group.score, reverse=True)[:_MAX_GROUPS]:
        selector, f1 = (
            find_selector(page, group.items, group.links, structure.urls)
            if group.score > 0
            else (None, 0.0)
        )
        if selector and all(selector != other.item_selector for other in proposals):
            score = group.score if f1 >= _GOOD_FIT else min(f1 * group.score, 0.99 * _CERTAIN_SCORE)
            proposals.append(Proposal(selector, next_selector, group.shown, score))
    proposals.sort(key=lambda proposal: proposal.score, reverse=True)
    if proposals and _is_certain(proposals):
        proposals[0] = dataclasses.replace(proposals[0], is_certain=True)
    return proposals


def _is_certain(proposals: list[Proposal]) -> bool:
    best = proposals[0]
    rival = max((other.score for other in proposals[1:] if not _share(best, other)), default=0.0)
    is_dated = len(best.items) >= 4 and best.dated_share >= 0.6
    is_listing = is_dated or (
        len(best.items) >= 8 and median(_weight(item.title) for item in best.items) >= _USUAL
    )
    return is_listing and best.score >= max(_CERTAIN_SCORE, _CERTAIN_MARGIN * rival)


def _share(one: Proposal, other: Proposal) -> bool:
    """Return whether most items of a proposal are also items of another one."""
    urls = {item.url for item in one.items}
    return 2 * sum(item.url in urls for item in other.items) > len(other.items)


class _Structure:
    """The links of a page and the elements around them. ``urls`` has the URL of each link by its
    identity.
    """

    def __init__(self, page: BeautifulSoup, base: str, url: str) -> None:
        self.urls: dict[int, str] = {}
        self._domain = domain_of(host_of(url))
        own = normalise_url(url)
        self._links: list[Tag] = []
        for link in page.find_all("a", href=True, limit=_MAX_LINKS):
            target = normalise_url(str(link["href"]), base)
            if target and target != own:
                self.urls[id(link)] = target
                self._links.append(link)
        self._labels = find_labels((link, self.urls[id(link)]) for link in self._links)
        self._texts = {
            id(link): item_title(link, link, None, self._labels)
            for link in self._links
            if any(text not in self._labels for text, _ in strings_in(link))
        }
        self._weights = _find_noise(page, self._links)
        self._headed = {id(link): is_heading(link) for link in self._links}
        self._paths: dict[int, int] = {}
        self._known_paths: dict[tuple[int, str, str], int] = {}
        self._names: dict[int, Counter[tuple[str, str]]] = {}

    def groups(self) -> Iterator[_Group]:
        """Yield the groups of elements with the same path and one main link each, with a score
        without dates.
        """
        by_path: dict[object, dict[int, tuple[Tag, list[Tag]]]] = {}
        for link in self._links:
            for element in islice(upwards(link), _LEVELS):
                if element.name in {"body", "html", "[document]"}:
                    break
                above = self._path(element.parent) if element.parent is not None else 0
                # some sites name only every second item
                for path in (self._path(element), (above, element.name)):
                    by_path.setdefault(path, {}).setdefault(id(element), (element, []))[1].append(
                        link
                    )
        best: dict[frozenset[str], _Group] = {}
        for elements in by_path.values():
            group = _Group()
            uses = Counter(
                url
                for _, links in elements.values()
                for url in {self.urls[id(link)] for link in links}
            )
            for element, links in elements.values():
                group.items.append(element)
                # links of several items are topics
                own = [link for link in links if uses[self.urls[id(link)]] == 1]
                group.links.append(self._main_link(own or links))
            if len({self.urls[id(link)] for link in group.links}) < 2:
                continue
            group.headed = sum(self._headed[id(link)] for link in group.links) >= 0.8 * len(
                group.links
            )
            group.score = self._score(group, [links for _, links in elements.values()])
            key = frozenset(self.urls[id(link)] for link in group.links)
            known = best.get(key)
            # Elements farther up contain the date too, so they replace their parts.
            margin = (
                0.99
                if known
                and any(
                    above is group.items[0] for above in islice(upwards(known.items[0]), _LEVELS)
                )
                else 1.01
            )
            if known is None or (group.headed, group.score) >= (known.headed, margin * known.score):
                best[key] = group
        yield from best.values()

    def add_dates(self, group: _Group, zone: str, now: dt.datetime) -> None:
        """Set the items of a group, and increase its score by the share of items with a date."""
        keys = [self.urls[id(link)] for link in group.links]
        dates = ItemDates(group.links, keys, zone, now)
        shown: dict[str, Item] = {}
        for link, url in zip(group.links, keys, strict=True):
            date = dates.date_of(link)
            title = item_title(link, dates.part_of(link), date, self._labels)
            shown.setdefault(url, Item(url, title, date))
        group.shown = list(shown.values())
        group.score *= 0.35 + 0.65 * sum(item.date is not None for item in group.shown) / len(
            group.shown
        )

    def _path(self, element: Tag) -> int:
        """Return a number for the tags and main classes on the path from the page to an element."""
        chain: list[Tag] = []
        for above in upwards(element):
            if id(above) in self._paths:
                break
            chain.append(above)
        for above in reversed(chain):
            parent = above.parent
            start = self._paths[id(parent)] if parent is not None else 0
            key = (start, above.name, self._main_class(above))
            self._paths[id(above)] = self._known_paths.setdefault(key, len(self._known_paths) + 1)
        return self._paths[id(element)]

    def _main_class(self, element: Tag) -> str:
        """Return the class that an element shares with most of its siblings of the same tag, or an
        empty text.
        """
        parent = element.parent
        if parent is None:
            return ""
        names = self._names.get(id(parent))
        if names is None:
            children = parent.find_all(name=True, recursive=False)
            names = Counter(
                (child.name, name) for child in children for name in set(stable_names(child))
            )
            self._names[id(parent)] = names
        return max(stable_names(element), key=lambda name: names[element.name, name], default="")

    def _main_link(self, links: list[Tag]) -> Tag:
        """Return the link of an item that leads to its page: a headline, else the longest text."""
        headings = [
            link for link in links[:20] if self._texts.get(id(link), "") and self._headed[id(link)]
        ]
        if headings:
            return headings[0]
        return max(links[:20], key=lambda link: _weight(self._texts.get(id(link), "")))

    def _score(self, group: _Group, links: list[list[Tag]]) -> float:
        urls = {self.urls[id(link)] for link in group.links}
        titles = [
            self._title(item, link) for item, link in zip(group.items, group.links, strict=True)
        ]
        lengths = [
            min(1.0, max(_MIN_SHARE, (_weight(title) - _MIN_HEADLINE) / (_USUAL - _MIN_HEADLINE)))
            for title in titles
        ]
        length = sum(lengths) / len(lengths)
        bad = sum(_weight(title) < _MIN_HEADLINE for title in titles) / len(titles)
        distinct = len(set(titles)) / len(titles)
        own = sum(
            domain_of(host_of(self.urls[id(link)])) == self._domain for link in group.links
        ) / len(group.links)
        own = 0.25 + 0.75 * own  # some ministries publish their news on another domain
        place = sum(self._weights.get(id(link), 1.0) for link in group.links) / len(group.links)
        headlines = [
            len(
                {
                    self.urls[id(link)]
                    for link in inner
                    if _weight(self._texts.get(id(link), "")) >= 2 * _MIN_HEADLINE
                }
            )
            for inner in links
        ]
        single = 1 / max(1.0, sum(headlines) / len(headlines)) ** 1.5
        heading = 1.15 if group.headed else 1.0
        score: float = (
            sqrt(min(len(urls), _MANY))
            * heading
            * length
            * (1 - bad) ** 2
            * distinct
            * own
            * place
            * single
        )
        return score

    def _title(self, item: Tag, link: Tag) -> str:
        return self._texts.get(id(link)) or item_title(link, item, None, self._labels)


def _find_noise(page: BeautifulSoup, links: list[Tag]) -> dict[int, float]:
    """Return a weight for each link by its identity: above 1 in the main part of the page, below 1
    in menus and the like.
    """
    counts = Counter(id(above) for link in links for above in islice(upwards(link), 1, 60))
    weights: dict[int, float] = {}
    for element in page.find_all(name=True):  # in document order, so parents come first
        weight = weights.get(id(element.parent), 1.0)
        names = f"{' '.join(map(str, element.get('class') or ()))} {element.get('id') or ''}"
        if (
            element.name == "main"
            or element.get("role") == "main"
            or (element.get("id") and _MAIN.fullmatch(str(element["id"])))
        ):
            weight = max(weight, 1.25)
        elif element.name not in {"body", "html", "article"} and counts[id(element)] < 0.7 * len(
            links
        ):
            is_top = (
                element.name == "header" and element.find_parent(["article", "li", "main"]) is None
            )
            if element.name in _NOISE_TAGS or is_top or element.get("role") in _NOISE_ROLES:
                weight = min(weight, 0.12)
            elif names != " " and _NOISE.search(
                re.sub(r"(?:has|with|no|is|without)-\w+", "", names)
            ):
                weight = min(weight, 0.35)
        weights[id(element)] = weight
    return weights


def _weight(text: str) -> int:
    """Return the length of a headline; a character of a script without spaces counts twice."""
    return len(text[:400]) + len(_DENSE.findall(text[:400]))
