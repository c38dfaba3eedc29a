"""Measure a page's elements in one pass: characters, characters in links, number of links."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from tidings.base.writing import width
from tidings.extraction.parse import HEADINGS, names_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from tidings.extraction.parse import Element

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
        self.names = [names_of(element) for element in elements] if names is None else names
        self.chars, self.linked, self.links = (list(column) for column in zip(*own, strict=True))
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
