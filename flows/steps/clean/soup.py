"""A part of the parsed tree as a BeautifulSoup: made element by element, without writing HTML and parsing that again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from bs4.builder import TreeBuilder
from lxml.etree import iterwalk

from flows.steps.clean.noise import DROPPED_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.steps.clean.parse import Element

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
_ASKED = frozenset(["class", "id", "role", "style", "hidden", "aria-hidden"])  # attributes that tell what is no text
_PLAIN = frozenset(["span", "sup", "sub", "code", "time", "ins", "del", "var", "kbd", "label", "nobr", "dfn"])


class _FromTree(TreeBuilder):
    """Feeds a soup from an lxml element; ``bare``: without emphases, pictures and attributes that say nothing about text."""

    def __init__(self, root: Element, beside: Iterable[Element], *, bare: bool) -> None:
        super().__init__(multi_valued_attributes={})
        self._root = root
        self._gone = {*beside} - {root}
        self._bare = bare

    def feed(self, markup: Any) -> None:  # noqa: ARG002 # the tree stands for the markup
        soup, gone, bare = self.soup, self._gone, self._bare
        if soup is None:
            return
        never = DROPPED_TAGS | _PICTURES if bare else DROPPED_TAGS
        named: list[str | None] = []  # the open elements' tags; None: its text goes to what holds it
        is_edge = True  # at the start or end of a block, where white space says nothing
        walk = iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if element is not self._root and (tag in never or element in gone):
                    walk.skip_subtree()
                    named.append(None)
                    continue
                told = element.items()
                if bare and told:
                    told = [item for item in told if item[0] in _ASKED]
                if bare and (tag in _EMPHASES or (tag in _PLAIN and not told)):
                    named.append(None)
                else:
                    named.append(tag)
                    soup.handle_starttag(tag, None, None, dict(told))
                    is_edge = tag in BLOCKS
                text = element.text
            else:
                if name := named.pop():
                    soup.handle_endtag(name)
                    is_edge = name in BLOCKS
                text = element.tail if element is not self._root else None
            if text and not (is_edge and text.isspace()):
                soup.handle_data(text)
                is_edge = False


def soup_of(element: Element, beside: Iterable[Element] = (), *, bare: bool = True) -> BeautifulSoup:
    """Return an element as a soup, without what never is text nor what stands ``beside`` it.

    If ``bare``, emphases, pictures and idle attributes are left out too: a tag that is not made costs nothing. A publisher's
    selectors need them.
    """
    return BeautifulSoup("", builder=_FromTree(element, beside, bare=bare))
