"""Read the text of the chosen part of a page as paragraphs, without boilerplate."""

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
from tidings.extraction.sizes import read_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tidings.extraction.parse import Element
    from tidings.extraction.sizes import Sizes


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
    parts = element.cssselect(body) if body else [element]
    chosen, blocks = set(parts), list[Block]()
    for part in parts:
        if chosen.isdisjoint(part.iterancestors()):
            left_out = {*beside, *(part.cssselect(drop) if drop else ())}
            blocks += _read_part(part, left_out, noises or {}, trusting=trusting)
    return blocks


def _read_part(
    root: Element, left_out: set[Element], known: Mapping[Element, int], *, trusting: bool
) -> list[Block]:
    """Return the blocks of an element without tags that never contain text, boilerplate, and lists
    of links to other pages; add these to ``left_out``.
    """
    never = DROPPED_TAGS - WRAPPERS if trusting else DROPPED_TAGS

    def is_left_out(element: Element) -> bool:
        return element.tag in never or element in left_out

    sizes = read_sizes(root, is_left_out)
    noises = [0] + [
        known[element] if element in known else noise_of_element(element, trusting=trusting)
        for element in sizes.elements[1:]
    ]
    is_noise = find_boilerplate(sizes.elements, sizes.above, noises, sizes.chars)
    left_out.update(
        element
        for at, element in enumerate(sizes.elements)
        if is_noise[at] or _is_link_list(sizes, at)
    )
    return blocks_of(root, is_left_out)


def _is_link_list(sizes: Sizes, at: int) -> bool:
    """Return whether an element is a list of links to other pages, and no table with a head."""
    element, size, links = sizes.elements[at], sizes.chars[at], sizes.links[at]
    least = max(1, 0.8 * size, size - max(_PLAIN_TEXT, _BETWEEN * links))
    is_list = links > 1 and element.tag in _LISTS and sizes.linked[at] >= least
    return is_list and element.find(".//th") is None


def blocks_of(root: Element, is_left_out: Callable[[Element], bool]) -> list[Block]:
    """Return the text of an element between block boundaries, without invitations and the elements
    in it that are left out; no recursion.
    """
    blocks: list[Block] = []
    words: list[str] = []
    kind, depths, chars = "p", {"a": 0, "b": 0}, {"a": 0, "b": 0}
    for tag, step, text in _events(root, is_left_out):
        if tag in BLOCKS or ((tag, step) == _BREAK and _ends_block(words, chars["b"])):
            blocks += _block(words, kind, chars)
            words, chars = [], {"a": 0, "b": 0}
            kind = _KINDS.get((tag, step), "p")
        elif tag in _COUNTED:
            depths[_COUNTED[tag]] += step
        else:
            words += _SEPARATORS.get((tag, step), ())
        if text and not (text.isspace() and words[-1:] in ([], ["\n"])):
            words.append(text)
            for part, depth in depths.items():
                chars[part] += bool(depth) * len(text.strip())
    return [*blocks, *_block(words, kind, chars)]


def _events(
    root: Element, is_left_out: Callable[[Element], bool]
) -> Iterator[tuple[str, int, str | None]]:
    """Yield each tag at its start (1) and at its end (-1), with the text after it. In the place of
    a block that is left out remains the end of a line.
    """
    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tail = "" if element is root else element.tail
        step, text = (1, element.text) if event == "start" else (-1, tail)
        if element is root or not is_left_out(element):
            is_between = text and element.tag in BLOCKS and text.isspace()
            yield element.tag, step, None if is_between else text
            continue
        if step > 0:
            walk.skip_subtree()
            text = "\n" * (element.tag in BLOCKS)
        yield "", step, text


def _ends_block(words: list[str], bold: int) -> bool:
    """Return whether a line break behind words ends a block: the second one, or one behind a bold
    heading.
    """
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
