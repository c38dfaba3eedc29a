"""Where in the tree the article may stand: two cheap answers, one from what the page says, one from where the text is.

Nothing is changed here: an answer is an element of the tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.steps.clean.noise import is_noise

if TYPE_CHECKING:
    from flows.steps.clean.parse import Element

_TEXT_TAGS = {
    "p",
    "pre",
    "blockquote",
    "li",
    "td",
    "dd",
    "h2",
    "h3",
    "h4",
    "div",
    "section",
    "article",
    "span",
    "font",
    "center",
    "body",
    "main",
}
_INLINE = {
    "a",
    "b",
    "i",
    "em",
    "strong",
    "span",
    "font",
    "u",
    "sup",
    "sub",
    "small",
    "q",
    "cite",
    "abbr",
    "mark",
    "code",
    "time",
    "br",
    "img",
    "s",
    "del",
    "ins",
    "big",
    "tt",
    "acronym",
    "wbr",
    "bdi",
    "var",
    "kbd",
}
# From the surest mark of an article's text to the vaguest.
_MARKS = tuple(
    re.compile(rf"(?:^|[\s_:-])(?:{words})(?:$|[\s_:-])", re.I)
    for words in (
        r"article-?_?_?(?:body|text|copy|content|main|inner)|articleBody|articleText|story-?_?_?(?:body|text|content)|storybody|body-?copy|news-?(?:body|text|content|detail)|entry-?content|"
        r"post-?(?:body|content|text|entry)|single-?content|article-?body-?\w*|content_area|artikel-?(?:text|body|inhalt|content)|cnt_bd|TRS_Editor|rm_txt_con|art_content|main_content|cuerpo|articulo-?(?:cuerpo|texto)|texto|articulo",
        r"entry|post|blog-?(?:post|content|entry)|page-?content|main-?(?:content|text)|content-?(?:main|body|text|inner)|mw-content-text|post-?bodycopy|article|artikel|story|node|text|body-?text|field-?body|inhalt|"
        r"ce-bodytext|csc-default|hentry|the-?content|detail-?(?:text|content|body)?|wpb_text_column|theme-content|blogcontent",
        r"content|main|container-?content|primary|maincontent|col-?main|contenido|contenu",
    )
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The tree's text by element: its mass (characters outside links, a little for those inside) and what it scores.

    ``mass`` counts everything below an element, ``score`` as readability does: paragraphs near it more than those far below.
    """

    mass: dict[Element, float]
    score: dict[Element, float]
    quiet: set[Element]  # elements that are beside the article, and all below them


def measure(root: Element) -> Measured:
    """Return the masses and scores of all elements, in one pass over the tree."""
    mass: dict[Element, float] = {}
    score: dict[Element, float] = {}
    quiet: set[Element] = set()
    for element in root.iter():
        tag = element.tag
        above = element.getparent()
        if not isinstance(tag, str) or above in quiet or is_noise_element(element):
            quiet.add(element)
            continue
        if tag in _TEXT_TAGS and not (tag in {"span", "font"} and above is not None and above.tag in _INLINE | {"p"}):
            chars, linked = _own_text(element)
            if chars >= 20:
                worth = (chars - linked) + 0.1 * linked
                if linked > 0.6 * chars:
                    worth *= 0.1
                _add(element, worth, chars, mass, score)
    return Measured(mass, score, quiet)


def is_noise_element(element: Element) -> bool:
    """Tell whether an lxml element is beside the article."""
    get = element.get
    hidden = get("hidden") is not None or get("aria-hidden") == "true"
    return is_noise(
        element.tag, f"{get('class', '')} {get('id', '')}".strip(), role=get("role"), style=get("style"), hidden=hidden
    )


def _own_text(element: Element) -> tuple[int, int]:
    """Return the characters that an element shows by itself and through inline children, and how many are in links."""
    chars = len((element.text or "").strip())
    linked = 0
    for child in element:
        if child.tag in _INLINE:
            inside = len("".join(child.itertext()).strip())
            chars += inside
            linked += inside if child.tag == "a" else sum(len("".join(a.itertext()).strip()) for a in child.iter("a"))
        chars += len((child.tail or "").strip())
    return chars, linked


def _add(element: Element, worth: float, chars: int, mass: dict[Element, float], score: dict[Element, float]) -> None:
    """Add a block's worth to all above it: whole to the masses, a share that falls with the distance to the scores."""
    share = 1.0 if element.tag not in {"p", "li", "td", "dd", "h2", "h3", "h4", "blockquote", "pre"} else 0.0
    points = worth if chars >= 40 else worth / 4
    node, level = element, 0
    while node is not None:
        mass[node] = mass.get(node, 0.0) + worth
        if level or share:
            score[node] = score.get(node, 0.0) + points / (1, 1, 2, 4, 8, 16)[min(level + (1 if share else 0), 5)]
        node, level = node.getparent(), level + 1


def marked_body(measured: Measured) -> Element | None:
    """Return the element that the page marks as the article's text (itemprop, class, id, article, main), or None."""
    best: tuple[float, float] | None = None
    chosen = None
    total = max(measured.mass.values(), default=0.0)
    for element, mass in measured.mass.items():
        rank = _rank(element)
        if rank is None or mass < max(100.0, 0.1 * total):
            continue
        key = (-rank, mass)
        if best is None or key > best:
            best, chosen = key, element
    return chosen


def _rank(element: Element) -> int | None:
    """Return how vaguely an element is marked as the article's text, 0 surest; None: not at all."""
    if "articlebody" in (element.get("itemprop") or "").lower():
        return 0
    names = f"{element.get('class', '')} {element.get('id', '')}".strip()
    for rank, marks in enumerate(_MARKS, start=1):
        if names and element.tag in {"div", "section", "article", "td", "main", "span"} and marks.search(names):
            return rank + (1 if rank > 1 else 0)
        if rank == 1 and element.tag == "article":
            return 2
    return 5 if element.tag == "main" or element.get("role") == "main" else None


def dense_body(measured: Measured) -> Element | None:
    """Return the element around which most text stands, or None when there is no text.

    After readability (https://github.com/mozilla/readability): paragraphs score for their parent, half for its parent.
    The winner gives way to the element above when that holds much text more.
    """
    if not measured.score:
        return None
    best = max(measured.score, key=lambda element: measured.score[element])
    above = best.getparent()
    while above is not None and above.tag not in {"body", "html"}:
        if measured.mass.get(above, 0) > 1.25 * measured.mass[best] and measured.score.get(above, 0) > 0.3 * measured.score[best]:
            best = above
        elif measured.mass.get(above, 0) > 1.25 * measured.mass[best]:
            break
        above = above.getparent()
    return best
