"""Read an element's text as paragraphs: BeautifulSoup removes boilerplate and reads the rest in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.builder import TreeBuilder
from bs4.element import PageElement, PreformattedString
from lxml.etree import iterwalk

from tidings.flows.extract.noise import DROPPED_TAGS, is_invitation, is_spared, noise_of
from tidings.flows.extract.parse import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidings.flows.extract.parse import Element


BLOCKS = frozenset([
    "p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
    "blockquote", "pre", "table", "thead", "tbody", "tfoot", "tr", "caption", "figure", "hr", "address", "center", "details",
    "summary", "fieldset", "body", "html", "hgroup",
])  # fmt: skip
_PICTURES = frozenset(["img", "source", "picture"])
_EMPHASES = frozenset(
    ["b", "strong", "em", "i", "u", "font", "small", "mark", "abbr", "cite", "q", "s", "big", "tt", "bdi", "wbr", "acronym"]
)
STRONG = frozenset(["b", "strong"])
_BOILERPLATE_ATTRIBUTES = frozenset(
    ["class", "id", "role", "style", "hidden", "aria-hidden"]
)  # attributes that identify boilerplate
_MEANINGFUL_EMPTY = frozenset(["br", "a", "td", "th"])  # these count also without text: a line break, a link, a table cell
_PLAIN = frozenset(["span", "sup", "sub", "code", "time", "ins", "del", "var", "kbd", "label", "nobr", "dfn"])


class _FromTree(TreeBuilder):
    """Build a soup from an lxml element; ``bare`` omits emphases, pictures, empty tags and unused attributes."""

    def __init__(self, root: Element, beside: Iterable[Element], *, bare: bool) -> None:
        super().__init__(multi_valued_attributes={})
        self._root = root
        self._gone = {*beside} - {root}
        self._bare = bare
        self._open: list[tuple[Element, bool]] = []  # open elements, and whether each began at the edge of a block
        self._made = 0  # number of open elements whose tag exists already; the others wait for text

    def feed(self, markup: Any) -> None:  # noqa: ARG002 # the tree replaces the markup
        """Create tags and strings from the tree."""
        soup, root, bare = self.soup, self._root, self._bare
        if soup is None:
            return
        never = DROPPED_TAGS | _PICTURES if bare else DROPPED_TAGS
        is_edge = True  # white space at the edge of a block has no meaning
        walk = iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if element is not root and (tag in never or element in self._gone):
                    walk.skip_subtree()
                    if tag in BLOCKS and not is_edge:
                        soup.handle_data("\n")  # keep the texts before and after it separate
                    continue
                if not bare or self._has_tag(element, is_edge=is_edge):
                    self._open.append((element, is_edge))
                    is_edge = is_edge or tag in BLOCKS
                    if not bare or tag in _MEANINGFUL_EMPTY:
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
        """Return whether an element needs a tag; an emphasis needs one only if it fills a line and may be a heading."""
        tag = element.tag
        if tag in _EMPHASES:
            return tag in STRONG and is_edge and not (element.tail or "").strip()
        return tag not in _PLAIN or bool(_boilerplate_attributes(element))

    def _make_tags(self, soup: BeautifulSoup) -> None:
        """Create the tags of the open elements that wait for text."""
        for element, _ in self._open[self._made :]:
            soup.handle_starttag(
                element.tag, None, None, _boilerplate_attributes(element) if self._bare else dict(element.items())
            )
        self._made = len(self._open)

    def _close(self, soup: BeautifulSoup, tag: str, *, is_edge: bool) -> bool:
        """Close the innermost open element, or drop it if it is empty and separates nothing; return whether an edge follows."""
        began_at_edge = self._open[-1][1]
        if self._made < len(self._open) and (began_at_edge or tag not in BLOCKS):
            self._open.pop()
            return began_at_edge
        self._make_tags(soup)
        self._open.pop()
        self._made -= 1
        soup.handle_endtag(tag)
        return is_edge or tag in BLOCKS


def _boilerplate_attributes(element: Element) -> dict[str, str]:
    """Return the attributes that identify boilerplate."""
    return {name: value for name, value in element.items() if name in _BOILERPLATE_ATTRIBUTES}


def soup_of(element: Element, beside: Iterable[Element] = (), *, bare: bool = True) -> BeautifulSoup:
    """Return an element as a soup, without tags that never contain text and without the elements in ``beside``.

    ``bare`` also omits emphases, pictures and unused attributes, which saves time. A publisher's selectors need them.
    """
    return BeautifulSoup("", builder=_FromTree(element, beside, bare=bare))


_COUNTED = {"a": "linked"} | dict.fromkeys(STRONG, "strong")  # tags whose characters are counted in each block
_STRONG = 0.9  # share of a line's characters in bold
_PLAIN_TEXT = 400  # characters outside links; an element with more is not a list of links
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
    """Return the blocks of an element, in order, without boilerplate and the elements in ``beside``.

    ``drop`` is a publisher's CSS selector of further elements to remove. ``trusting`` removes nothing because of its name.
    """
    soup = soup_of(element, beside, bare=drop is None)
    if drop:
        for dropped in soup.select(drop):
            dropped.decompose()
    _remove_boilerplate(soup, trusting=trusting)
    return [block for block in _blocks(soup) if not is_invitation(block.text)]


def _remove_boilerplate(soup: BeautifulSoup, *, trusting: bool) -> None:
    """Remove from a soup the elements that look like boilerplate, and lists of links to other pages."""
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
    """Return the number of characters in an element."""
    return len(element.get_text())


def _noise(element: Tag) -> int:
    """Return the noise level of a tag, see ``noise_of``."""
    attributes = element.attrs
    if not attributes:
        return noise_of(element.name, "")
    names = attributes.get("class") or ()
    names = " ".join((*((names,) if isinstance(names, str) else names), str(attributes.get("id") or ""))).strip()
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    style, role = attributes.get("style"), attributes.get("role")
    return noise_of(element.name, names, role=str(role) if role else None, style=str(style) if style else None, hidden=hidden)


def _is_link_list(element: Tag) -> bool:
    """Return whether an element is a list of links: at least two links contain nearly all of its text."""
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
            if whole - linked > _PLAIN_TEXT:
                return False
        node = node.next_element
    return count >= 2 and linked >= 0.8 * whole > 0


def _after(element: Tag) -> PageElement | None:
    """Return the next node in document order after an element and its contents."""
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
    """Yield the block of the words between two boundaries, if there is text; a bold line has the kind strong."""
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
    """Return whether a block is a heading."""
    return block.kind in _HEADINGS
