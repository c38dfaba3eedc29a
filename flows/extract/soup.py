"""A part of the parsed tree as a BeautifulSoup: made element by element, without writing HTML and parsing that again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from bs4.builder import TreeBuilder
from lxml.etree import iterwalk

from tidings.flows.extract.noise import DROPPED_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.flows.extract.parse import Element

BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "caption",
        "figure",
        "hr",
        "address",
        "center",
        "details",
        "summary",
        "fieldset",
        "body",
        "html",
        "hgroup",
    ]
)
_PICTURES = frozenset(["img", "source", "picture"])
_EMPHASES = frozenset(
    ["b", "strong", "em", "i", "u", "font", "small", "mark", "abbr", "cite", "q", "s", "big", "tt", "bdi", "wbr", "acronym"]
)
STRONG = frozenset(["b", "strong"])
_ASKED = frozenset(["class", "id", "role", "style", "hidden", "aria-hidden"])  # attributes that tell what is no text
_TOLD_EMPTY = frozenset(["br", "a", "td", "th"])  # a break, a link that counts, a cell of a row
_PLAIN = frozenset(["span", "sup", "sub", "code", "time", "ins", "del", "var", "kbd", "label", "nobr", "dfn"])


class _FromTree(TreeBuilder):
    """Feeds a soup from an lxml element; ``bare``: without emphases, pictures, empty tags and idle attributes."""

    def __init__(self, root: Element, beside: Iterable[Element], *, bare: bool) -> None:
        super().__init__(multi_valued_attributes={})
        self._root = root
        self._gone = {*beside} - {root}
        self._bare = bare
        self._open: list[tuple[Element, bool]] = []  # open elements, and whether each began at the edge of a block
        self._made = 0  # of these, how many have their tag: the others wait for a text

    def feed(self, markup: Any) -> None:  # noqa: ARG002 # the tree stands for the markup
        """Walk the tree and make tags and strings of it."""
        soup, root, bare = self.soup, self._root, self._bare
        if soup is None:
            return
        never = DROPPED_TAGS | _PICTURES if bare else DROPPED_TAGS
        is_edge = True  # where a block begins or ends, white space says nothing
        walk = iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if element is not root and (tag in never or element in self._gone):
                    walk.skip_subtree()
                    if tag in BLOCKS and not is_edge:
                        soup.handle_data("\n")  # what it parted stays parted
                    continue
                if not bare or self._has_tag(element, is_edge=is_edge):
                    self._open.append((element, is_edge))
                    is_edge = is_edge or tag in BLOCKS
                    if not bare or tag in _TOLD_EMPTY:
                        self._make_tags(soup)
                text = element.text
            else:
                if self._open and self._open[-1][0] is element:
                    is_edge = self._close(soup, tag, is_edge=is_edge)
                text = None if element is root else element.tail
            if text and not (is_edge and text.isspace()):
                self._make_tags(soup)
                soup.handle_data(text)
                is_edge = False

    @staticmethod
    def _has_tag(element: Element, *, is_edge: bool) -> bool:
        """Tell whether an element says more than its text: emphases do only where they fill a line, as headings."""
        tag = element.tag
        if tag in _EMPHASES:
            return tag in STRONG and is_edge and not (element.tail or "").strip()
        return tag not in _PLAIN or bool(_told(element))

    def _make_tags(self, soup: BeautifulSoup) -> None:
        """Make the tags of the open elements that wait for a text."""
        for element, _ in self._open[self._made :]:
            soup.handle_starttag(element.tag, None, None, _told(element) if self._bare else dict(element.items()))
        self._made = len(self._open)

    def _close(self, soup: BeautifulSoup, tag: str, *, is_edge: bool) -> bool:
        """Close the innermost open element; return whether an edge follows. One that holds nothing and parts nothing goes."""
        began_at_edge = self._open[-1][1]
        if self._made < len(self._open) and (began_at_edge or tag not in BLOCKS):
            self._open.pop()
            return began_at_edge
        self._make_tags(soup)
        self._open.pop()
        self._made -= 1
        soup.handle_endtag(tag)
        return is_edge or tag in BLOCKS


def _told(element: Element) -> dict[str, str]:
    """Return the attributes that tell what is no text."""
    return {name: value for name, value in element.items() if name in _ASKED}


def soup_of(element: Element, beside: Iterable[Element] = (), *, bare: bool = True) -> BeautifulSoup:
    """Return an element as a soup, without what never is text nor what stands ``beside`` it.

    If ``bare``, emphases, pictures and idle attributes are left out too: a tag that is not made costs nothing. A publisher's
    selectors need them.
    """
    return BeautifulSoup("", builder=_FromTree(element, beside, bare=bare))
