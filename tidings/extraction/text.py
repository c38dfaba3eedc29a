"""Clean the chosen part of a page with BeautifulSoup, and read its text as paragraphs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import add, attrgetter
from typing import Any, cast

from bs4 import NavigableString, PageElement, Tag
from lxml.etree import iterwalk

from tidings.extraction.noise import (
    DROPPED_TAGS,
    WRAPPERS,
    find_boilerplate,
    is_invitation,
    noise_of_element,
)
from tidings.extraction.parse import HEADINGS, Element, squeeze

BLOCKS = frozenset([
    "p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul",
    "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr",
    "caption", "figure", "hr", "address", "center", "details", "summary", "fieldset", "body",
    "html", "hgroup",
])  # fmt: skip
_STRONG = 0.9  # share of a line's characters in bold
_MOST_PARTS = 8  # strings between the tags of a bold heading before a line break
# characters outside links, and for each link; an element with more is not a list of links
_PLAIN_TEXT, _BETWEEN = 400, 10
_LISTS = {"ul", "ol", "div", "section", "table", "dl", "p"}
# tags whose characters are counted in each block
_COUNTED = {"a": "a", "b": "b", "strong": "b"}
_KINDS = {(name, 1): name for name in (*HEADINGS, "li", "blockquote", "tr", "pre")}
_BREAK = ("br", 1)
_SEPARATORS = {_BREAK: ("\n",), ("td", -1): (" | ",), ("th", -1): (" | ",)}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, bold line, list item or table row; ``linked`` is its share in links."""

    kind: str
    text: str
    linked: float


class _String(NavigableString):
    hidden = False
    __new__ = str.__new__  # type: ignore[assignment]


class Node(Tag):
    """A tag made from an element of the page's tree; ``sizes`` are the characters, those in links,
    the links and the table heads in it.
    """

    def __init__(self, element: Element, above: Node | None, last: PageElement | None) -> None:
        super().__init__(
            name=element.tag, attrs=element.attrib, parent=above, previous=last, is_xml=False
        )
        self.element = element
        self.sizes = [0, 0, int(self.name == "a"), int(self.name == "th")]

    @property
    def is_link_list(self) -> bool:
        """Return whether the tag is a list of links to other pages."""
        size, linked, links, heads = self.sizes
        return (
            links > 1 > heads
            and self.name in _LISTS
            and linked >= max(1, 0.8 * size, size - max(_PLAIN_TEXT, _BETWEEN * links))
        )


def read_blocks(
    element: Element,
    drop: str | None = None,
    beside: Collection[Element] = (),
    *,
    body: str | None = None,
    trusting: bool = False,
    noises: Mapping[Element, int] | None = None,
) -> list[Block]:
    """Return an element's blocks in order, without boilerplate and the elements in ``beside``.

    ``body`` and ``drop`` are a publisher's CSS selectors of the parts to read and to remove.
    ``trusting`` removes nothing because of its name. ``noises`` are noise levels known already.
    """
    soup = soup_of(element, beside)
    parts = soup.select(body) if body else [soup]
    chosen = set(map(id, parts))
    blocks: list[Block] = []
    for part in [part for part in parts if chosen.isdisjoint(map(id, part.parents))]:
        for tag in part.select(drop) if drop else ():
            _remove(tag)
        _remove_boilerplate(cast("Node", part), noises or {}, trusting=trusting)
        blocks += blocks_of(part)
    return blocks


def soup_of(root: Element, left_out: Collection[Element]) -> Node:
    """Return an element as tags of BeautifulSoup, without the elements in ``left_out``. Parsing it
    again would be slower.
    """
    soup = above = Node(root, None, None)
    last: PageElement = soup
    walk = iterwalk(root, events=("start", "end"))
    skipped: Element | None = None
    for event, element in walk:
        text = element.tail
        if element is root:
            text = element.text if event == "start" else None
        elif event == "start":
            if element in left_out:
                skipped, text = element, "\n" if element.tag in BLOCKS else None
                walk.skip_subtree()
            else:
                node = Node(element, above, last)
                above.contents.append(node)
                above = last = node
                text = element.text
        elif element is not skipped:
            above = cast("Node", above.parent)
        if text := _unless_between(text, element):
            string = _String(text)
            string.setup(above, last)
            above.contents.append(string)
            last = string
    return soup


def _unless_between(text: str | None, element: Element) -> str | None:
    """Return a text, unless it is white space between blocks."""
    return None if text and element.tag in BLOCKS and text.isspace() else text


def _remove(tag: Tag) -> None:
    """Empty a tag; in the place of a block remains the end of a line."""
    tag.clear()
    if tag.name in BLOCKS:
        tag.append("\n")
    tag.name = "span"


def _remove_boilerplate(root: Node, known: Mapping[Element, int], *, trusting: bool) -> None:
    """Remove boilerplate and lists of links to other pages."""
    never = DROPPED_TAGS - WRAPPERS if trusting else DROPPED_TAGS
    nodes = _measure(root, never)
    elements = [*map(attrgetter("element"), nodes)]
    noises = [0] + [
        known[element] if element in known else noise_of_element(element, trusting=trusting)
        for element in elements[1:]
    ]
    places = {id(node): at for at, node in enumerate(nodes)}
    above = [places.get(id(node.parent), -1) for node in nodes]
    is_noise = find_boilerplate(elements, above, noises, [node.sizes[0] for node in nodes])
    for node, is_removed in reversed([*zip(nodes[1:], is_noise[1:], strict=True)]):
        if is_removed or node.is_link_list:
            _remove(node)


def _measure(root: Node, never: Collection[str]) -> list[Node]:
    """Empty the tags that never contain text, and return all tags with their sizes."""
    part: Any
    for part in reversed([*root.descendants]):
        if part.name in never:
            part.clear()
    nodes: list[Node] = []
    for part in reversed([*root.descendants]):
        if part.name is None:
            part.parent.sizes[0] += len(part.strip())
            continue
        nodes.append(part)
        if part.name == "a":
            part.sizes[1] = part.sizes[0]
        part.parent.sizes[:] = map(add, part.parent.sizes, part.sizes)
    return [root, *reversed(nodes)]


def blocks_of(root: Tag) -> list[Block]:
    """Return the texts between block boundaries, without invitations; no recursion."""
    blocks: list[Block] = []
    words: list[str] = []
    kind, depths, chars = "p", {"a": 0, "b": 0}, {"a": 0, "b": 0}
    for node, step in _events(root):
        name: Any = node.name
        if name is None:
            if not node.isspace() or words[-1:] not in ([], ["\n"]):
                words.append(node)
                for part, depth in depths.items():
                    chars[part] += bool(depth) * len(node.strip())
        elif name in BLOCKS or ((name, step) == _BREAK and _ends_block(words, chars["b"])):
            blocks += _block(words, kind, chars)
            words, chars = [], {"a": 0, "b": 0}
            kind = _KINDS.get((name, step), "p")
        elif name in _COUNTED:
            depths[_COUNTED[name]] += step
        else:
            words += _SEPARATORS.get((name, step), ())
    return [*blocks, *_block(words, kind, chars)]


def _events(root: Tag) -> Iterator[tuple[Any, int]]:
    """Yield each tag at its start (1) and at its end (-1), and the strings between them."""
    inside = [root]
    yield root, 1
    for node in root.descendants:
        while node.parent is not inside[-1]:
            yield inside.pop(), -1
        yield node, 1
        if isinstance(node, Tag):
            inside.append(node)
    while inside:
        yield inside.pop(), -1


def _ends_block(words: list[str], bold: int) -> bool:
    """Return whether a line break is the second one or behind a bold heading, and ends a block."""
    if words[-1:] == ["\n"] or not bold or len(words) > _MOST_PARTS:
        return words[-1:] == ["\n"]
    text = squeeze("".join(words))
    return bold > _STRONG * len(text) and text[-1].isalnum()


def _block(words: list[str], kind: str, chars: dict[str, int]) -> Iterator[Block]:
    """Yield the block of the words between two boundaries; a bold line has the kind strong."""
    text = squeeze("".join(words)).strip("| ")
    if text and not is_invitation(text):
        is_strong = kind == "p" and chars["b"] > _STRONG * len(text)
        yield Block("strong" if is_strong else kind, text, min(1.0, chars["a"] / len(text)))


def is_heading(block: Block) -> bool:
    """Return whether a block is a heading."""
    return block.kind in HEADINGS


def chars_of(blocks: Iterable[Block]) -> int:
    """Return the number of characters in blocks."""
    return sum([len(block.text) for block in blocks])


def linked_of(blocks: Iterable[Block]) -> float:
    """Return the number of characters in links."""
    return sum(block.linked * len(block.text) for block in blocks)
