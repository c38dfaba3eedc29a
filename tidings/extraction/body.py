"""Find the article's text: two cheap candidates, and a vote of more if they disagree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import TYPE_CHECKING

from tidings.base.decode import unescape
from tidings.extraction.candidates import Measured, find_bodies, measure
from tidings.extraction.document import DOCUMENTS
from tidings.extraction.extractors import by_readability, by_trafilatura, second_opinion
from tidings.extraction.measures import MAX_TEXT
from tidings.extraction.page_kind import ARTICLE, is_declared_article, recognise
from tidings.extraction.page_metadata import strings_of
from tidings.extraction.parse import parse, squeeze, text_of
from tidings.extraction.text import Block, chars_of, read_blocks
from tidings.extraction.vote import AGREE, SHORT, TEXT, choose, is_linked, prefer, recheck

if TYPE_CHECKING:
    from tidings.extraction.page_metadata import Declared
    from tidings.extraction.parse import Element
    from tidings.extraction.records import ExtractionRule

_MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|ul|li|strong|em|a)\b[^<>]{0,400}>", re.IGNORECASE)
# overlap below which readability votes, too; from 0.65 to 0.8 it changed one labelled page of 876
_UNDECIDED = 0.65


@dataclass(frozen=True, slots=True)
class Body:
    """The chosen text, its extractor, and the texts of all candidates."""

    blocks: tuple[Block, ...] = ()
    extractor: str = "none"
    agreement: float | None = None
    candidates: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    # each candidate's element, written as a CSS selector
    places: dict[str, str] = field(default_factory=dict)
    beside: tuple[Element, ...] = ()  # elements that are certainly boilerplate
    # the element that contains the text; None: an extractor without elements chose it
    element: Element | None = None
    # share of the page's text outside the article; None: a rule or feed defined the text
    outside: float | None = None
    page_kind: str = ARTICLE

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is trimmed: a document, or the whole of another kind of page."""
        return self.is_region or self.extractor in DOCUMENTS

    @property
    def is_region(self) -> bool:
        """Return whether the text is the whole of a page that is not an article."""
        return self.extractor in {"posts", "region"}

    @property
    def full_length(self) -> int:
        """Return the number of characters with an empty line between blocks."""
        return len("\n\n".join(block.text for block in self.blocks))

    @property
    def is_long(self) -> bool:
        """Return whether only the beginning of the text is stored."""
        return self.full_length > MAX_TEXT

    @property
    def is_given(self) -> bool:
        """Return whether a rule or the feed defines the text, so that nothing was chosen."""
        return self.extractor == "entry" or self.extractor.startswith("rule:")


def read_body(tree: Element, declared: Declared, rule: ExtractionRule, url: str) -> Body:
    """Return the page's text: by the publisher's rule, else by the page's kind."""
    is_article = is_declared_article(tree, declared, url)
    found = None if is_article else recognise(tree, declared, url)
    kind = found.kind if found else ARTICLE
    if rule.body and (blocks := tuple(read_blocks(tree, rule.drop, body=rule.body))):
        name, candidates, places = f"rule:{rule.rule_id}", {"rule": blocks}, {"rule": rule.body}
        return Body(blocks, name, None, candidates, places, page_kind=kind)
    parts = tuple(found.read()) if found and kind != ARTICLE else ()
    if found and chars_of(parts) >= SHORT:
        name = "posts" if kind == "forum" else "region"
        places = {name: place_of(found.region.root)}
        return Body(parts, name, None, {name: parts}, places, page_kind=kind)
    return replace(read_article(tree, declared, rule), page_kind=kind)


def read_article(tree: Element, declared: Declared, rule: ExtractionRule) -> Body:
    """Return the article's text by the candidates, checked against the rest of the page."""
    root = tree.find("body") if tree.find("body") is not None else tree
    measured = measure(root)
    trusting = measured.whole < SHORT
    if trusting:
        measured = measure(root, trusting=True)
    body = _choose(tree, declared, measured, rule.drop, trusting=trusting)
    chosen = None if body.extractor == "none" else body.extractor
    longer = recheck(tree, measured, body.candidates, chosen, body.element)
    if longer is None:
        return body
    name, agreement, element = longer
    return replace(
        body,
        blocks=body.candidates[name],
        element=element,
        extractor=name,
        agreement=agreement,
        places={**body.places, name: place_of(element)},
        outside=measured.outside(element),
    )


def _choose(
    tree: Element, declared: Declared, measured: Measured, drop: str | None, *, trusting: bool
) -> Body:
    """Return the text where the cheap candidates agree, else the winner of a vote."""
    elements = find_bodies(measured)
    nested = _nested([*elements.values()], measured)
    candidates: dict[str, tuple[Block, ...]] = {}
    for name, element in elements.items():
        # the same text in two wrappers: one reading is enough
        if nested < AGREE or not candidates.get("marked"):
            candidates[name] = _read(element, drop, measured, trusting=trusting)
    cheap = [*candidates]
    candidates |= _stated(declared)
    chosen, agreement = choose(candidates, cheap)
    if nested and cheap == ["marked"]:
        chosen, agreement = "marked", nested
    if _is_doubtful(candidates, chosen, agreement):
        chosen, agreement = _vote(tree, measured, drop, candidates, cheap)
    return Body(
        candidates.get(str(chosen), ()),
        chosen or "none",
        agreement,
        candidates,
        {name: place_of(element) for name, element in elements.items()},
        tuple(measured.beside),
        elements.get(str(chosen)),
        measured.outside(*elements.values()) if chosen else None,
    )


def _is_doubtful(
    candidates: dict[str, tuple[Block, ...]], chosen: str | None, agreement: float | None
) -> bool:
    """Return whether the candidates disagree, are lists of links, or much shorter than declared."""
    text, stated = candidates.get(str(chosen), ()), candidates.get("stated", ())
    is_unlike = is_linked(text) or chars_of(stated) > 2 * chars_of(text)
    return is_unlike or not agreement or agreement < AGREE


def _stated(declared: Declared) -> dict[str, tuple[Block, ...]]:
    """Return the candidate that JSON-LD declares as text or HTML; empty if short."""
    value = declared.article.get("articleBody")
    text = value if isinstance(value, str) else next(iter(strings_of(value)), "")
    tree = parse(f"<div>{unescape(text)}</div>") if _MARKUP.search(text) else None
    lines = filter(None, (squeeze(unescape(part)) for part in text.split("\n")))
    blocks = [Block("p", line, 0.0) for line in lines] if tree is None else read_blocks(tree)
    return {"stated": tuple(blocks)} if chars_of(blocks) > SHORT else {}


def _read(
    element: Element, drop: str | None, measured: Measured, *, trusting: bool
) -> tuple[Block, ...]:
    """Return an element's blocks; if ``trusting`` and too short, those with names of boilerplate
    too.
    """
    noises = None if trusting else measured.noises
    blocks = read_blocks(element, drop, measured.beside, noises=noises)
    if trusting and chars_of(blocks) < SHORT:
        blocks = read_blocks(element, drop, measured.beside, trusting=True)
    return tuple(blocks)


def _vote(
    tree: Element,
    measured: Measured,
    drop: str | None,
    candidates: dict[str, tuple[Block, ...]],
    cheap: list[str],
) -> tuple[str | None, float | None]:
    """Return the winner and its agreement with trafilatura, and readability if still undecided."""
    links = set(map(text_of, tree.iter("a")))
    most = 0.9 * measured.whole
    # a page of links may have less text than its links
    enough = min(TEXT, most) if most >= SHORT else TEXT
    quick = second_opinion(tree, measured.beside, links)
    candidates["trafilatura"] = tuple(
        quick if chars_of(quick) >= enough else by_trafilatura(tree, links)
    )
    chosen, agreement = choose(candidates, list(candidates))
    if agreement is None or agreement < _UNDECIDED:
        candidates["readability"] = tuple(by_readability(tree, drop))
        chosen, agreement = choose(candidates, list(candidates))
    return prefer(cheap, candidates, chosen, agreement)


def _nested(elements: list[Element], measured: Measured) -> float:
    """Return the overlap of two nested elements by the size of their texts; 0: not nested."""
    pairs = permutations(elements, 2)
    if not any(one is other or other in one.iterancestors() for one, other in pairs):
        return 0.0
    sizes = [measured.mass.get(element, 0.0) for element in elements]
    return 2 * min(sizes) / max(1.0, sum(sizes))


def place_of(element: Element) -> str:
    """Return an element as a CSS selector: tag, id and classes."""
    name = f"#{element.get('id')}" if element.get("id") else ""
    classes = (f".{part}" for part in (element.get("class") or "").split())
    return f"{element.tag}{name}{''.join(classes)}"
