"""The standfirst: a short text between headline and article that many pages keep outside the article's element."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from tidings.flows.extract.candidates import noise_of_element
from tidings.flows.extract.noise import SURE
from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.parse import text_of
from tidings.flows.extract.title import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.text import Block

_NAMED = re.compile(
    r"(?<![a-z])(?:lead|lede|teaser-?text|intro(?:duction|text)?|standfirst|stand-first|sub-?(?:title|"
    r"head|heading|headline|deck)|dek|deck|summary|"
    r"abstract|excerpt|description|vorspann|anrei[sß]+er|chapo|chapeau|sous-?titre|bajada|copete|"
    r"entradilla|sommario|occhiello|ingress|sapo|"
    r"short-?(?:info|text|desc(?:ription)?)|article-?(?:lead|intro|summary|description|subtitle|teaser)|teaser)(?![a-z])",
    re.IGNORECASE,
)
_TAGS = ("p", "div", "h2", "h3", "span", "strong", "section", "b", "em")
_SHORTEST, _LONGEST = 40, 700
_NEAR = 100


def read_lead(tree: Element, declared: Declared, blocks: Sequence[Block], title: str) -> str | None:
    """Return the visible standfirst above the text, or None when there is none or the text holds it already.

    Believed is what stands between headline and text and is either named as one by its class, or is the description that
    the page gives of itself.
    """
    first = next((plain(block.text) for block in blocks if block.kind[0] != "h" and len(block.text) > 30), "")
    if not first:
        return None
    held = "".join(plain(block.text) for block in blocks[:12])
    told = [
        plain(text)
        for text in (
            *strings_of(declared.article.get("description")),
            *(declared.first(n) or "" for n in ("og:description", "description", "twitter:description")),
        )
    ]
    told = [text for text in told if len(text) >= 30]
    heading = plain(title)
    for element in _below_headline(tree, heading):
        text = text_of(element)
        key = plain(text)
        if key and key[:60] == first[:60]:
            return None
        if not _SHORTEST <= len(text) <= _LONGEST or key in held or (heading and heading in key):
            continue
        described = any(key[:80] == other[:80] or (len(key) >= 60 and key in other) for other in told)
        named = bool(_NAMED.search(f"{element.get('class', '')} {element.get('itemprop', '')} {element.get('id', '')}"))
        if (described or named) and not _is_beside(element):
            return text
    return None


def _below_headline(tree: Element, heading: str) -> Iterator[Element]:
    """Yield the small elements that follow the headline, the first hundred of them."""
    elements = tree.iter("h1", *_TAGS)
    for element in elements:
        if element.tag == "h1" and plain(text_of(element)) == heading:
            break
    yield from islice((element for element in elements if element.tag != "h1" and len(element) <= 12), _NEAR)


def _is_beside(element: Element) -> bool:
    """Tell whether an element stands in what is surely not the article, or in a link: a teaser of another one."""
    return any(
        above.tag in {"a", "aside", "nav", "footer"} or noise_of_element(above) >= SURE
        for above in (element, *element.iterancestors())
        if above.tag not in {"html", "body"}
    )
