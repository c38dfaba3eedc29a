"""Read an element's text as paragraphs: one walk measures its parts, a second one reads those that
are not boilerplate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml.etree import iterwalk

from tidings.extraction.noise import (
    DROPPED_TAGS,
    WRAPPERS,
    find_boilerplate,
    is_invitation,
    noise_of_element,
)
from tidings.extraction.parse import HEADINGS, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tidings.extraction.parse import Element


BLOCKS = frozenset([
    "p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul",
    "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr", "caption", "figure", "hr",
    "address", "center", "details",
    "summary", "fieldset", "body", "html", "hgroup",
])  # fmt: skip
STRONG = frozenset(["b", "strong"])
_STRONG = 0.9  # share of a line's characters in bold
_PLAIN_TEXT = 400  # characters outside links; an element with more is not a list of links
_LISTS = {"ul", "ol", "div", "section", "table", "dl", "p"}
# tags whose characters are counted in each block
_COUNTED = {"a": "a"} | dict.fromkeys(STRONG, "b")
_SEPARATORS = {("start", "br"): ("\n",), ("end", "td"): (" | ",), ("end", "th"): (" | ",)}
_KINDS = {*HEADINGS, "li", "blockquote", "tr", "pre"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, bold line, list item or table row; ``linked`` is the share of its
    characters inside links.
    """

    kind: str
    text: str
    linked: float


def read_blocks(
    element: Element,
    drop: str | None = None,
    beside: Iterable[Element] = (),
    *,
    trusting: bool = False,
    noises: Mapping[Element, int] | None = None,
) -> list[Block]:
    """Return the blocks of an element, in order, without boilerplate and the elements in
    ``beside``.

    ``drop`` is a publisher's CSS selector of further elements to remove. ``trusting`` removes
    nothing because of its name. ``noises`` contains noise levels of elements that are known
    already.
    """
    left_out = {*beside, *(element.cssselect(drop) if drop else ())} - {element}
    left_out |= _boilerplate(element, left_out, noises or {}, trusting=trusting)
    return [block for block in blocks_outside(element, left_out) if not is_invitation(block.text)]


def _boilerplate(
    root: Element, left_out: set[Element], known: Mapping[Element, int], *, trusting: bool
) -> set[Element]:
    """Return the elements that look like boilerplate, and lists of links to other pages, outside
    the elements left out.
    """
    elements, above, sizes = [root], [-1], [len((root.text or "").strip())]
    places = {root: 0}
    result: set[Element] = set()
    for node in root.iterdescendants():
        place = places.get(node.getparent())
        if place is None:
            continue  # within an element that is left out
        if node.tail:
            sizes[place] += len(node.tail.strip())
        if (node.tag in DROPPED_TAGS or not isinstance(node.tag, str)) and not (
            trusting and node.tag in WRAPPERS
        ):
            result.add(node)
        elif node not in left_out:
            places[node] = len(elements)
            elements.append(node)
            above.append(place)
            sizes.append(len(node.text.strip()) if node.text else 0)
    links, linked, heads = (
        [0] * len(elements),
        [0] * len(elements),
        [int(node.tag == "th") for node in elements],
    )
    for at in range(len(elements) - 1, 0, -1):
        if elements[at].tag == "a":
            links[at], linked[at] = 1, sizes[at]
        sizes[above[at]] += sizes[at]
        links[above[at]] += links[at]
        linked[above[at]] += linked[at]
        heads[above[at]] += heads[at]
    noises = [
        known[node] if node in known else noise_of_element(node, trusting=trusting)
        for node in elements
    ]
    noises[0] = 0
    is_noise = find_boilerplate(elements, above, noises, sizes)
    for at in range(1, len(elements)):
        is_list = (
            links[at] > 1 > heads[at]
            and elements[at].tag in _LISTS
            and linked[at] >= 0.8 * sizes[at] > 0
        )
        if is_noise[at] or (is_list and sizes[at] - linked[at] <= _PLAIN_TEXT):
            result.add(elements[at])
    return result


def blocks_outside(root: Element, left_out: set[Element]) -> Iterator[Block]:
    """Yield an element's text between block boundaries without the elements left out; no
    recursion.
    """
    words: list[str] = []
    depths, chars = {"a": 0, "b": 0}, {"a": 0, "b": 0}
    kind = "p"
    walk = iterwalk(root, events=("start", "end"))
    for event, node in walk:
        tag = node.tag
        is_start = event == "start"
        if node in left_out:
            if is_start:
                walk.skip_subtree()
                words += "\n" if tag in BLOCKS and words and words[-1] != "\n" else ""
                continue
        elif tag in BLOCKS or (tag == "br" and is_start and words and words[-1] == "\n"):
            yield from _block(words, kind, chars)
            words, chars = [], {"a": 0, "b": 0}
            kind = tag if is_start and tag in _KINDS else "p"
        elif name := _COUNTED.get(tag):
            if name != "a" or not _leads_to_own_heading(node):
                depths[name] += 1 if is_start else -1
        else:
            words += _SEPARATORS.get((event, tag), ())
        text = node.text if is_start else node.tail if node is not root else None
        if text and not (words and words[-1] == "\n" and text.isspace()):
            words.append(text)
            for name, depth in depths.items():
                if depth:
                    chars[name] += len(text.strip())
    yield from _block(words, kind, chars)


def _leads_to_own_heading(link: Element) -> bool:
    """Return whether a link within a heading leads to a place on the same page, as the anchors of
    headings do.
    """
    holder = link.getparent()
    return (
        holder is not None and holder.tag in HEADINGS and (link.get("href") or "").startswith("#")
    )


def _block(words: list[str], kind: str, chars: dict[str, int]) -> Iterator[Block]:
    """Yield the block of the words between two boundaries, if there is text; a bold line has the
    kind strong.
    """
    if text := squeeze("".join(words)).strip("| "):
        is_strong = kind == "p" and chars["b"] > _STRONG * len(text)
        yield Block("strong" if is_strong else kind, text, min(1.0, chars["a"] / len(text)))


def is_heading(block: Block) -> bool:
    """Return whether a block is a heading."""
    return block.kind in HEADINGS
