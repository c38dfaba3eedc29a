"""Measure the text in the elements of a tree."""

from __future__ import annotations

from functools import cached_property
from operator import mul
from typing import TYPE_CHECKING

from tidings.base.writing import width
from tidings.extraction.parse import names_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.extraction.parse import Element


class Sizes:
    """Elements in document order with the position of their parent, and their sizes.

    ``chars`` counts characters (a Chinese, Japanese or Korean one as two) in an element and below,
    ``linked`` those in links, ``links`` the links; ``own`` has each element's own sizes.
    """

    def __init__(
        self, elements: list[Element], above: list[int], own: list[tuple[int, int, int]]
    ) -> None:
        self.elements, self.above, self.own = elements, above, own
        self.chars, self.linked, self.links = map(list, zip(*own, strict=True))
        for at in range(len(elements) - 1, 0, -1):
            up = above[at]
            self.chars[up] += self.chars[at]
            self.linked[up] += self.linked[at]
            self.links[up] += self.links[at]

    @cached_property
    def names(self) -> list[str]:
        """Return class and id of each element."""
        return [*map(names_of, self.elements)]


def read_sizes(root: Element, is_left_out: Callable[[Element], bool]) -> Sizes:
    """Return the sizes in an element without the elements in it that are left out."""
    places: dict[Element, int] = {}
    elements: list[Element] = []
    above, chars, inside = list[int](), list[int](), list[bool]()
    for element in root.iter():
        up = -1 if element is root else places.get(element.getparent(), -1)
        if up >= 0:
            chars[up] += _width(element.tail)
        if element is root or (up >= 0 and not is_left_out(element)):
            places[element] = len(elements)
            elements.append(element)
            above.append(up)
            inside.append(element.tag == "a" or (up >= 0 and inside[up]))
            chars.append(_width(element.text))
    linked = map(mul, chars, inside)
    links = (int(element.tag == "a") for element in elements)
    return Sizes(elements, above, [*zip(chars, linked, links, strict=True)])


def _width(text: str | None) -> int:
    return width(text.strip()) if text else 0
