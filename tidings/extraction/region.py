"""Measure the elements of a page that is not an article, find its main region, and read every
section, item, row and hidden panel of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING, Any

from lxml.etree import XPath

from tidings.base.writing import width
from tidings.extraction.noise import SURE, noise_word
from tidings.extraction.parse import HEADINGS, names_of
from tidings.extraction.text import blocks_of, soup_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tidings.extraction.parse import Element
    from tidings.extraction.text import Block

# Tags without text of the page; unlike in an article, forms and hidden panels may contain some.
_NEVER = frozenset([
    "script", "style", "template", "nav", "footer", "select", "option", "textarea", "input",
    "iframe", "object", "embed", "svg", "canvas", "video", "audio", "map", "dialog", "menu", "head",
    "link", "meta", "title", "noscript", "button", "label", "figcaption",
])  # fmt: skip


class Sizes:
    """Elements in document order with the position of their parent, and the size of each element
    and all below it.

    ``chars`` counts characters (a Chinese, Japanese or Korean one as two), ``linked`` those in
    links, ``links`` the links. ``own`` contains each element's own sizes, and ``names`` its class
    and id.
    """

    def __init__(
        self,
        elements: list[Element],
        above: list[int],
        own: list[tuple[int, int, int]],
        names: list[str] | None = None,
    ) -> None:
        """Add the sizes of all elements to those above them."""
        self.elements, self.above, self.own = elements, above, own
        self.names = [*map(names_of, elements)] if names is None else names
        self.chars, self.linked, self.links = map(list, zip(*own, strict=True))
        for at in range(len(elements) - 1, 0, -1):
            up = above[at]
            self.chars[up] += self.chars[at]
            self.linked[up] += self.linked[at]
            self.links[up] += self.links[at]

    def within(self, top: int, beside: Collection[int]) -> Sizes:
        """Return the sizes of an element and all below it without the elements at the positions in
        ``beside``.
        """
        kept = [top]
        places = {top: 0}
        above = [-1]
        for at in range(top + 1, len(self.elements)):
            up = places.get(self.above[at], -1)
            if up >= 0 and at not in beside:
                places[at] = len(kept)
                kept.append(at)
                above.append(up)
        return Sizes(
            [self.elements[at] for at in kept],
            above,
            [self.own[at] for at in kept],
            [self.names[at] for at in kept],
        )


def read_sizes(root: Element) -> Sizes:
    """Return the sizes below an element, without elements that never contain text; text after one
    belongs to its parent.
    """
    places: dict[Element, int] = {}
    elements: list[Element] = []
    above, chars, inside = list[int](), list[int](), list[bool]()
    for element in root.iter():
        holder = element.getparent()
        up = -1 if element is root else places.get(holder, -1)
        if up < 0 and element is not root:
            continue
        if up >= 0:
            chars[up] += _width(element.tail)
        if not is_never(element, holder):
            places[element] = len(elements)
            elements.append(element)
            above.append(up)
            inside.append(element.tag == "a" or (up >= 0 and inside[up]))
            chars.append(_width(element.text))
    linked = map(mul, chars, inside)
    links = (int(element.tag == "a") for element in elements)
    return Sizes(elements, above, [*zip(chars, linked, links, strict=True)])


def _width(text: str | None) -> int:
    return width(text) if text and (text := text.strip()) else 0


def is_never(element: Element, holder: Element | None) -> bool:
    """Return whether an element never contains text; the button of a heading is the heading of a
    panel.
    """
    tag = element.tag
    return not isinstance(tag, str) or (
        tag in _NEVER
        and not (tag in {"button", "label"} and holder is not None and holder.tag in HEADINGS)
    )


_CHROME_ROLES = frozenset(
    ["navigation", "contentinfo", "search", "dialog", "menu", "toolbar", "tooltip"]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Names of controls; other names of boilerplate next to an article mark sections or parts of items
# on these pages.
_CONTROL = re.compile(
    r"nav|menu|lang|banner|rating|search|modal|overlay|newsletter|sign-?up|subscri|log-?in|regist|"
    r"tools|social|shar|tags?\b|\bads?\b|cookie|consent|lightbox|popup|print|pag(?:er|ing|ination)|"
    r"comment|sr-only|screen-?reader|visually-?hidden|crumb|meta|embed|caption",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_CONSENT_SHARE = 0.9
_ITEM = 80  # characters; a repeated element with as many is an item, whatever its name
_MAIN = 0.25  # share of the text outside links from which a main element is the region
_SURE_SHARE = 0.3  # share of the region; a larger element is not boilerplate, whatever its name
# the same of an element with links alone, such as the latest headlines in a sidebar
_LINKS_SHARE = 0.7
_LIKELY_SHARE = 0.05
_LINK = 40  # characters of a link; hidden lists of shorter ones are menus
# characters of an entry and number of entries of a menu that nothing marks as one
_ENTRY, _ENTRIES = 25, 4
_SENTENCE = 80  # characters outside links of an element that is text
_MARKS_NAVIGATION: Any = XPath("boolean(//nav | //*[@role='navigation'])")
_REPEATED = 4  # a link that occurs as often is a control
_LINKED = 0.9  # share of a block in links from which it is only a link


@dataclass(frozen=True, slots=True)
class Region:
    """The main part of a page and the elements in it that are not its text."""

    root: Element
    beside: frozenset[Element]
    sizes: Sizes  # of the elements in the region
    share: float  # of the page's text


def find_region(sizes: Sizes) -> Region:
    """Return the page's main region: the largest main element if it contains enough prose, else the
    body.
    """
    prose = [chars - linked for chars, linked in zip(sizes.chars, sizes.linked, strict=True)]
    mains = [
        at
        for at, element in enumerate(sizes.elements)
        if element.tag == "main" or element.get("role") == "main"
    ]
    top = max(mains, key=lambda at: prose[at], default=0)
    top = top if top and prose[top] >= _MAIN * prose[0] else 0
    beside = {*_beside(sizes, top)}
    inner = sizes.within(top, beside)
    share = inner.chars[0] / sizes.chars[0] if sizes.chars[0] else 0.0
    return Region(sizes.elements[top], frozenset(sizes.elements[at] for at in beside), inner, share)


def _beside(sizes: Sizes, top: int) -> Iterator[int]:
    """Yield the positions of elements that are not text: boilerplate by name or role, menus, page
    headers.
    """
    whole = max(1, sizes.chars[top])
    start, end = _text_bounds(sizes)
    keys = [*map(_without_numbers, sizes.names)]
    counts = Counter(keys)
    inside = {top}
    for at in range(top + 1, len(sizes.elements)):
        chars = sizes.chars[at]
        if not chars or sizes.above[at] not in inside:
            continue
        if not start <= at <= end and _is_menu(sizes, at):
            limit = _LINKS_SHARE
        else:
            limit = _limit(sizes, at, top, counts[keys[at]])
        if chars < limit * whole:
            yield at
        else:
            inside.add(at)


def _text_bounds(sizes: Sizes) -> tuple[int, int]:
    """Return the positions of the first h1 and the last text of a page that marks no navigation,
    else those of the whole page.
    """
    last = len(sizes.elements)
    if _MARKS_NAVIGATION(sizes.elements[0].getroottree()):
        return 0, last
    start = next(
        (at for at in range(last) if sizes.elements[at].tag == "h1" and sizes.chars[at]), 0
    )
    texts = (at for at in reversed(range(last)) if sizes.own[at][0] - sizes.own[at][1] >= _SENTENCE)
    return start, next(texts, last)


def _is_menu(sizes: Sizes, at: int) -> bool:
    """Return whether an element contains hardly more than a menu: several links of one to three
    words.
    """
    links, linked = sizes.links[at], sizes.linked[at]
    return bool(
        links >= _ENTRIES and linked >= _LINKED * sizes.chars[at] and linked < _ENTRY * links
    )


def _is_chrome(sizes: Sizes, at: int, top: int) -> bool:
    """Return whether an element is certainly not text: an aside, a role of the page's frame, its
    header, or a hidden menu.
    """
    element = sizes.elements[at]
    if element.tag == "aside" or (
        element.tag == "header" and top == 0 and not _is_in_section(element)
    ):
        return True
    chars, linked = sizes.chars[at], sizes.linked[at]
    return element.get("role") in _CHROME_ROLES or (
        2 * linked > chars and linked < _LINK * sizes.links[at] and _is_hidden(element)
    )


def _limit(sizes: Sizes, at: int, top: int, count: int) -> float:
    """Return the share of the region below which an element is boilerplate; 0: it is text.

    ``count`` is the number of elements with the same names: repeated elements are the items of a
    page or parts of them.
    """
    element = sizes.elements[at]
    if element.tag not in {"aside", "header"} and not element.keys():
        return 0.0
    chars = sizes.chars[at]
    is_chrome = _is_chrome(sizes, at, top)
    limit = _SURE_SHARE if is_chrome else _limit_by_name(sizes.names[at], chars, count)
    is_linked = sizes.linked[at] >= _LINKED * chars
    return _LINKS_SHARE if limit == _SURE_SHARE and is_linked else limit


def _limit_by_name(names: str, chars: int, count: int) -> float:
    """Return the share of the region below which an element with these names is boilerplate; 0: its
    names mean nothing.
    """
    noise = noise_word(names)[0]
    if not noise:
        return 0.0
    if _CONSENT.search(names):
        return _CONSENT_SHARE
    is_control = bool(_CONTROL.search(names))
    if count >= _REPEATED and (not is_control or chars >= _ITEM):
        return 0.0
    return _SURE_SHARE if noise == SURE else _LIKELY_SHARE * is_control


@lru_cache(maxsize=65_536)
def _without_numbers(names: str) -> str:
    """Return class and id without the parts that contain digits, which number the items of a
    list.
    """
    return " ".join(name for name in names.split() if not any(map(str.isdigit, name)))


def _is_hidden(element: Element) -> bool:
    """Return whether an element is hidden until the reader opens it; panels of tabs are never
    hidden text.
    """
    is_hidden = (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDDEN.search(element.get("style") or "")
    )
    return bool(is_hidden) and element.get("role") != "tabpanel"


def _is_in_section(element: Element) -> bool:
    """Return whether an element is part of a section and not of the page."""
    return any(
        above.tag in {"main", "article", "section", "li"} for above in element.iterancestors()
    )


def read_region(region: Region) -> list[Block]:
    """Return the blocks of a region in order, without links that occur four times, and only the
    first of equal blocks.

    Pages repeat titles, prices and labels, and whole parts for other screen sizes. Rows and code
    may repeat.
    """
    blocks = read_part(region.root, region.beside)
    counts = Counter(block.text for block in blocks)
    seen: set[str] = set()
    kept = []
    for block in blocks:
        text = block.text
        is_control = (
            counts[text] >= _REPEATED and block.linked > _LINKED and not any(map(str.isdigit, text))
        )
        if not is_control and (text not in seen or block.kind in {"pre", "tr"}):
            kept.append(block)
        seen.add(text)
    return kept


def read_part(root: Element, beside: Collection[Element]) -> list[Block]:
    """Return the blocks of an element without those in ``beside``, elements that never contain
    text, and invitations.
    """
    never = {
        element for element in root.iterdescendants() if is_never(element, element.getparent())
    }
    return blocks_of(soup_of(root, never.union(beside)))
