"""Find the element of the article by the page's markup and by the density of its text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from tidings.extraction.noise import SURE, find_boilerplate, noise_of_element
from tidings.extraction.parse import Element, name_test, names_of, raw_text

_Number = TypeVar("_Number", int, float)
_TEXT_TAGS = {
    "p", "pre", "blockquote", "li", "td", "dd", "h2", "h3", "h4", "div", "section", "article",
    "span", "font", "center", "body", "main",
}  # fmt: skip
INLINE = {
    "a", "b", "i", "em", "strong", "span", "font", "u", "sup", "sub", "small", "q", "cite", "abbr",
    "mark", "code", "time", "br", "img", "s", "del", "ins", "big", "tt", "acronym", "wbr", "bdi",
    "var", "kbd",
}  # fmt: skip
# Class names and ids of an article's text, from the most to the least specific.
_MARK_WORDS = (
    (
        r"article-?_?_?(?:body|text|copy|content|main|inner)|"
        r"story-?_?_?(?:body|text|content)|body-?copy|news-?(?:body|text|content|detail)|"
        r"entry-?content|post-?(?:body|content|text|entry)|single-?content|article-?body-?\w*|"
        r"content_area|artikel-?(?:text|body|inhalt|content)|cnt_bd|TRS_Editor|rm_txt_con|"
        r"art_content|main_content|cuerpo|articulo(?:cuerpo|texto)?|texto"
    ),
    (
        r"entry|post|blog-?(?:post|content|entry)|page-?content|main-?(?:content|text)|"
        r"content-?(?:main|body|text|inner)|article|artikel|story|"
        r"node|text|body-?text|field-?body|inhalt|csc-default|hentry|the-?content|"
        r"detail-?(?:text|content|body)?|theme-content"
    ),
    (r"content|main|primary|maincontent|col-?main|contenido|contenu"),
)
# by rank; an article element ranks between the first two
_MARKS = {
    rank: name_test(rf"(?:^|[\s_:-])(?:{words})(?:$|[\s_:-])")
    for rank, words in zip((1, 3, 4), _MARK_WORDS, strict=True)
}
_MARKED_TAGS = frozenset(["div", "section", "article", "td", "main", "span"])

_LEAVES = frozenset(["a", "b", "i", "em", "strong", "u", "br", "sup", "sub"])
_SPANS = frozenset(["span", "font"])
_INLINE_OR_P = INLINE | {"p"}
_PARAGRAPHS = {"p", "li", "dd", "h2", "h3", "h4", "blockquote", "pre"}


@dataclass(frozen=True, slots=True)
class Measured:
    """The amount of text by element.

    ``mass`` is the number of characters in an element and below; those in links count one tenth.
    ``score`` follows readability. The elements in ``beside`` are certainly boilerplate, ``noises``
    are noise levels.
    """

    mass: dict[Element, float]
    score: dict[Element, float]
    beside: list[Element]
    noises: dict[Element, int]
    is_trusting: bool  # names were ignored

    @property
    def whole(self) -> float:
        """Return the mass of the root."""
        return self.mass.get(self.root, 0.0)

    def outside(self, *elements: Element) -> float:
        """Return the share of the text outside the largest of these elements."""
        inside = max((self.mass.get(element, 0.0) for element in elements), default=0.0)
        return 1 - inside / self.whole if self.whole else 0.0

    @property
    def root(self) -> Element:
        """Return the element that was measured."""
        return next(iter(self.noises))


def measure(root: Element, *, trusting: bool = False) -> Measured:
    """Return the amount of text in the elements; ``trusting`` ignores names, for pages whose
    outermost wrappers are called sidebar or are a nav.
    """
    elements, above, noises, own = _read(root, trusting=trusting)
    sizes = sums(above, (chars for chars, _ in own))
    beside: list[Element] = []
    is_quiet = [False] * (len(elements) + 1)  # the last one is the root's parent, -1
    is_noise = find_boilerplate(elements, above, noises, sizes)
    for at, noise in enumerate(noises):
        is_quiet[at] = is_noise[at] or is_quiet[above[at]]
        if is_noise[at] and noise == SURE:
            beside.append(elements[at])
    worth = [0.0] * len(elements)
    score: dict[Element, float] = {}
    for at, (chars, linked) in enumerate(own):
        if chars and not is_quiet[at]:
            # links count one tenth, and so do blocks of links
            value = (chars - linked) + 0.1 * linked
            worth[at] = value if linked <= 0.6 * chars else value / 10
            _score(elements[at], chars, worth[at], score)
    return Measured(
        dict(zip(elements, sums(above, worth), strict=True)),
        score,
        beside,
        dict(zip(elements, noises, strict=True)),
        trusting,
    )


def _read(
    root: Element, *, trusting: bool
) -> tuple[list[Element], list[int], list[int], list[tuple[int, int]]]:
    """Return elements, positions of their parents, noise levels, and the characters in blocks of
    text, with those in links; zeros in other elements.
    """
    elements: list[Element] = []
    above: list[int] = []
    noises: list[int] = []
    own: list[tuple[int, int]] = []
    places = {root.getparent(): -1}
    for element in root.iter():
        if element.tag in _LEAVES and not len(element):
            continue  # its text is counted with its parent's
        place = places.get(element.getparent())
        if place is None or (noise := noise_of_element(element, trusting=trusting)) == 3:
            continue  # its descendants are skipped too, because their parent has no position
        places[element] = len(elements)
        elements.append(element)
        above.append(place)
        noises.append(noise)
        # a span contains text of its own only outside of paragraphs
        is_inside = element.tag in _SPANS and element.getparent().tag in _INLINE_OR_P
        is_block = element.tag in _TEXT_TAGS and not is_inside
        size = _own_text(element) if is_block else (0, 0)
        own.append(size if size[0] >= 20 else (0, 0))
    return elements, above, noises, own


def sums(above: Sequence[int], own: Iterable[_Number]) -> list[_Number]:
    """Return the sums of each element's own value and those of its descendants."""
    values = list(own)
    for at in range(len(above) - 1, 0, -1):
        values[above[at]] += values[at]
    return values


def _score(element: Element, chars: int, worth: float, score: dict[Element, float]) -> None:
    """Add a block's points to its ancestors: all to the nearest, half to the next, and so on."""
    points = worth if chars >= 40 else worth / 4
    node = element.getparent() if element.tag in _PARAGRAPHS else element
    for share in (1, 2, 4, 8, 16, 16, 16, 16):
        if node is None:
            return
        score[node] = score.get(node, 0.0) + points / share
        node = node.getparent()


def _own_text(element: Element) -> tuple[int, int]:
    """Return the characters in an element and its inline children, and those in links."""
    chars = len((element.text or "").strip())
    linked = 0
    for child in element:
        tag = child.tag
        if tag in INLINE:
            is_leaf = not len(child)  # reading its text attribute is ten times as fast
            inside = len((child.text or "" if is_leaf else raw_text(child)).strip())
            chars += inside
            if tag == "a":
                linked += inside
            elif not is_leaf:
                linked += sum(len(raw_text(a).strip()) for a in child.iter("a"))
        if child.tail:
            chars += len(child.tail.strip())
    return chars, linked


def find_bodies(measured: Measured) -> dict[str, Element]:
    """Return the candidates of the markup and of the density by name."""
    both = {"marked": _marked_body(measured), "dense": _dense_body(measured)}
    return {name: element for name, element in both.items() if element is not None}


def _marked_body(measured: Measured) -> Element | None:
    """Return the innermost element whose markup names the text most specifically, or None."""
    least = max(100.0, 0.1 * measured.whole)
    marked = [
        ((-rank, mass), element)
        for element, mass in measured.mass.items()
        if mass >= least and (rank := _rank(element)) is not None
    ]
    # of several wrappers of the same text, take the innermost
    return max(reversed(marked), key=itemgetter(0), default=(None, None))[1]


def _rank(element: Element) -> int | None:
    """Return the rank of an element's markup, 0 being the most specific; None: no such markup."""
    tag = element.tag
    if "articlebody" in element.get("itemprop", "").lower():
        return 0
    names = names_of(element) if tag in _MARKED_TAGS else ""
    ranks = [rank for rank, is_marked in _MARKS.items() if is_marked(names)]
    ranks += [2] * (tag == "article")
    ranks += [5] * (tag == "main" or element.get("role") == "main")
    return min(ranks, default=None)


def _dense_body(measured: Measured) -> Element | None:
    """Return the element with the highest score or a parent with much more text, or None.

    Source: readability, https://github.com/mozilla/readability.
    """
    if not measured.score:
        return None
    best = max(measured.score, key=measured.score.__getitem__)
    above = best.getparent()
    while above is not None and above.tag not in {"body", "html"}:
        if measured.mass.get(above, 0) > 1.25 * measured.mass[best]:
            if measured.score.get(above, 0) <= 0.3 * measured.score[best]:
                break
            best = above
        above = above.getparent()
    return best
