"""Find the main region of a page that is not an article, and read every section, item, row and
hidden panel of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml.etree import XPath

from tidings.extraction.noise import SURE, noise_word
from tidings.extraction.sizes import Sizes, is_never
from tidings.extraction.text import blocks_of, soup_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tidings.extraction.parse import Element
    from tidings.extraction.text import Block

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
    keys = [_without_numbers(names) if names else "" for names in sizes.names]
    counts = Counter(keys)
    inside = {top}
    for at in range(top + 1, len(sizes.elements)):
        element, chars, names = sizes.elements[at], sizes.chars[at], sizes.names[at]
        if not chars or sizes.above[at] not in inside:
            continue
        limit = _LINKS_SHARE if not start <= at <= end and _is_menu(sizes, at) else 0.0
        if not limit and (element.tag in {"aside", "header"} or element.keys()):
            limit = (
                _SURE_SHARE
                if _is_chrome(sizes, at, top)
                else _limit(names, chars, counts[keys[at]])
                if names
                else 0.0
            )
            limit = (
                _LINKS_SHARE
                if limit == _SURE_SHARE and sizes.linked[at] >= _LINKED * chars
                else limit
            )
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


def _limit(names: str, chars: int, count: int) -> float:
    """Return the share of the region below which an element with these names is boilerplate; 0: its
    names mean nothing.

    ``count`` is the number of elements with the same names: repeated elements are the items of a
    page or parts of them.
    """
    noise = noise_word(names)[0]
    if not noise:
        return 0.0
    if _CONSENT.search(names):
        return _CONSENT_SHARE
    is_control = bool(_CONTROL.search(names))
    if count >= _REPEATED and (not is_control or chars >= _ITEM):
        return 0.0
    return _SURE_SHARE if noise == SURE else _LIKELY_SHARE if is_control else 0.0


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
