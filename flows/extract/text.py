"""A subtree's text as paragraphs: BeautifulSoup takes out what is beside the article and reads the rest in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bs4 import NavigableString, Tag
from bs4.element import PageElement, PreformattedString

from tidings.flows.extract.noise import is_invitation, is_spared, noise_of
from tidings.flows.extract.parse import squeeze
from tidings.flows.extract.soup import BLOCKS, STRONG, soup_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import BeautifulSoup

    from tidings.flows.extract.parse import Element

_COUNTED = {"a": "linked"} | dict.fromkeys(STRONG, "strong")  # tags of whose characters a block tells
_STRONG = 0.9  # share of a line in bold letters
_PLAIN = 400  # characters outside links beyond which an element is no list of links
_LISTS = {"ul", "ol", "div", "section", "table", "dl", "p"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, bold line, list item or table row; ``linked`` is the share of its characters inside links."""

    kind: str
    text: str
    linked: float


def read_blocks(
    element: Element, drop: str | None = None, beside: Iterable[Element] = (), *, trusting: bool = False
) -> list[Block]:
    """Return the blocks of an element, in order, boilerplate and what stands ``beside`` the article taken out.

    ``drop`` is a publisher's CSS selector of further things to take out; ``trusting``: nothing is taken out for its name.
    """
    soup = soup_of(element, beside, bare=drop is None)
    if drop:
        for dropped in soup.select(drop):
            dropped.decompose()
    _take_out_boilerplate(soup, trusting=trusting)
    return [block for block in _blocks(soup) if not is_invitation(block.text)]


def _take_out_boilerplate(soup: BeautifulSoup, *, trusting: bool) -> None:
    """Take out of a soup what is beside the article: what looks like noise, and lists of links to elsewhere."""
    whole = _mass(soup)
    waiting: list[Tag] = [soup]
    while waiting:
        for child in list(waiting.pop().contents):
            if not isinstance(child, Tag):
                continue
            noise = _noise(child)
            if noise == 3 or (noise and not trusting and not is_spared(noise, _mass(child), whole)) or _is_link_list(child):
                child.replace_with("\n") if child.name in BLOCKS else child.extract()
            else:
                waiting.append(child)


def _mass(element: Tag) -> int:
    return len(element.get_text())


def _noise(element: Tag) -> int:
    """Return whether a tag is beside the article, as noise_of does."""
    attributes = element.attrs
    if not attributes:
        return noise_of(element.name, "")
    names = attributes.get("class") or ()
    names = " ".join((*((names,) if isinstance(names, str) else names), str(attributes.get("id") or ""))).strip()
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    style, role = attributes.get("style"), attributes.get("role")
    return noise_of(element.name, names, role=str(role) if role else None, style=str(style) if style else None, hidden=hidden)


def _is_link_list(element: Tag) -> bool:
    """Tell whether an element is a list of links to elsewhere: nearly all of its text is in two links or more."""
    if element.name not in _LISTS:
        return False
    count = whole = linked = 0
    outside = element.next_sibling if element.next_sibling is not None else _after(element)
    node = element.next_element
    while node is not None and node is not outside:
        if isinstance(node, Tag):
            if node.name == "a":
                mass = _mass(node)
                count, linked, whole = count + 1, linked + mass, whole + mass
                node = node.next_sibling if node.next_sibling is not None else _after(node)
                continue
        else:
            whole += len(str(node))
            if whole - linked > _PLAIN:
                return False
        node = node.next_element
    return count >= 2 and linked >= 0.8 * whole > 0


def _after(element: Tag) -> PageElement | None:
    """Return what follows an element in document order outside of it."""
    for above in (element, *element.parents):
        if above.next_sibling is not None:
            return above.next_sibling
    return None


def _blocks(soup: BeautifulSoup) -> Iterator[Block]:
    """Yield the text between block boundaries, without recursion."""
    words: list[str] = []
    depth, chars = dict.fromkeys(_COUNTED.values(), 0), dict.fromkeys(_COUNTED.values(), 0)
    kind = "p"
    for event, node in _walk(soup):
        if isinstance(node, NavigableString):
            if words and words[-1] == "\n" and not node.strip():
                continue
            words.append(str(node))
            for name in (name for name, levels in depth.items() if levels):
                chars[name] += len(node.strip())
            continue
        name = node.name
        if name in _COUNTED:
            depth[_COUNTED[name]] += 1 if event == "start" else -1
        ends_line = name == "br" and event == "start" and bool(words) and words[-1] == "\n"
        if name in BLOCKS or ends_line:
            yield from _block(words, kind, chars)
            words, chars = [], dict.fromkeys(chars, 0)
            kind = name if event == "start" and name in {*_HEADINGS, "li", "blockquote", "tr", "pre"} else "p"
        elif name == "br" and event == "start":
            words.append("\n")
        elif name in {"td", "th"} and event == "end":
            words.append(" | ")
    yield from _block(words, kind, chars)


def _block(words: list[str], kind: str, chars: dict[str, int]) -> Iterator[Block]:
    """Yield the block that the words between two boundaries make, if any; a line all in bold letters is of the kind strong."""
    if text := squeeze("".join(words)).strip("| "):
        is_strong = kind == "p" and chars["strong"] > _STRONG * len(text)
        yield Block("strong" if is_strong else kind, text, min(1.0, chars["linked"] / len(text)))


def _walk(soup: BeautifulSoup) -> Iterator[tuple[str, Tag | NavigableString]]:
    """Yield the start and end of every tag and every text, in document order."""
    stack: list[tuple[Tag, Iterator[object]]] = [(soup, iter(soup.contents))]
    while stack:
        tag, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "end", tag
        elif isinstance(child, Tag):
            yield "start", child
            stack.append((child, iter(child.contents)))
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            yield "text", child


def is_heading(block: Block) -> bool:
    """Tell whether a block is a heading."""
    return block.kind in _HEADINGS
