"""Find the article's text: two cheap candidates, and a vote with trafilatura and readability if they disagree."""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree
from readability import Document
from trafilatura import bare_extraction

from tidings.flows.extract.candidates import Measured, dense_body, marked_body, measure
from tidings.flows.extract.page_kind import ARTICLE, recognise
from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.parse import parse, text_of
from tidings.flows.extract.reconcile import read_lines, second_opinion
from tidings.flows.extract.text import Block, read_blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.rules import ExtractionRule

AGREE = 0.8  # overlap from which two candidates agree; below it a vote improves the result on labelled pages
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+"
)
_TRUST = {"trafilatura": 0.3}  # support that a candidate has without agreement of others
_SAME = 0.95
_ADDRESSES = ("href", "src", "srcset", "action", "data-src", "onclick")  # readability parses them without need
_TEXT = 600  # characters; a candidate with as many contains a text
_SHORT = 200  # characters; a smaller candidate is not accepted alone

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The chosen text, its extractor, and the texts of all candidates, which ``explain`` shows."""

    blocks: tuple[Block, ...] = ()
    extractor: str = "none"
    agreement: float | None = None
    candidates: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # each candidate's element, written as a CSS selector
    beside: tuple[Element, ...] = ()  # elements that are certainly boilerplate
    outside: float | None = None  # share of the page's text outside the article; None: a rule or feed defined the text
    page_kind: str = ARTICLE

    @property
    def is_whole(self) -> bool:
        """Return whether the text is the whole of a page that is not an article, from which nothing is trimmed."""
        return self.extractor in {"posts", "region"}


def read_body(tree: Element, declared: Declared, rule: ExtractionRule | None, url: str | None = None) -> Body:
    """Return the page's text: by the publisher's rule, else by the page's kind; None as URL: the page is read as an article."""
    found = recognise(tree, declared, url) if url is not None else None
    kind = found.kind if found else ARTICLE
    if rule and rule.body and (blocks := _by_rule(tree, rule)):
        return Body(tuple(blocks), f"rule:{rule.rule_id}", None, {"rule": tuple(blocks)}, {"rule": rule.body}, page_kind=kind)
    if found and kind != ARTICLE and _chars(parts := tuple(found.read())) >= _SHORT:
        name = "posts" if kind == "forum" else "region"
        return Body(parts, name, None, {name: parts}, {name: place_of(found.region.root)}, page_kind=kind)
    return replace(_read_article(tree, declared, rule), page_kind=kind)


def _read_article(tree: Element, declared: Declared, rule: ExtractionRule | None) -> Body:
    """Return the article's text where the cheap candidates agree, else by a vote."""
    root = tree.find("body") if tree.find("body") is not None else tree
    measured = measure(root)
    trusting = max(measured.mass.values(), default=0.0) < _SHORT
    if trusting:
        measured = measure(root, trusting=True)
    elements = {"marked": marked_body(measured), "dense": dense_body(measured)}
    places = {name: place_of(element) for name, element in elements.items() if element is not None}
    drop = rule.drop if rule else None
    nested = _nested(elements["marked"], elements["dense"], measured)
    candidates: dict[str, tuple[Block, ...]] = {}
    for name in places:
        if name == "dense" and nested is not None and nested >= AGREE and candidates["marked"]:
            continue  # the same text in two wrappers: one reading is enough
        candidates[name] = _read(elements[name], drop, measured.beside, trusting=trusting)
    cheap = list(candidates)
    stated = strings_of(declared.article.get("articleBody"))
    if stated and len(stated[0]) > _SHORT and "<" not in stated[0]:
        candidates["stated"] = tuple(Block("p", part, 0.0) for part in re.split(r"\s*\n\s*", stated[0]) if part)
    chosen, agreement = ("marked", nested) if nested is not None and cheap == ["marked"] else choose(candidates, cheap)
    if chosen and _is_linked(candidates[chosen]):
        agreement = 0.0  # both candidates are lists of links
    if chosen and "stated" in candidates and _chars(candidates["stated"]) > 2 * _chars(candidates[chosen]):
        agreement = 0.0  # the page declares a much longer text
    if chosen is None or agreement is None or agreement < AGREE:
        chosen, agreement = _vote(tree, measured, drop, candidates, cheap)
    if chosen is None:
        return Body(candidates=candidates, places=places)
    masses = [measured.mass[element] for element in elements.values() if element is not None]
    outside = 1 - max(masses, default=0.0) / measured.mass[root] if measured.mass.get(root) else 0.0
    return Body(candidates[chosen], chosen, agreement, candidates, places, tuple(measured.beside), outside)


def _read(element: Element, drop: str | None, beside: Iterable[Element], *, trusting: bool) -> tuple[Block, ...]:
    """Return an element's blocks; if ``trusting`` and too little text remains, include elements with boilerplate names."""
    blocks = read_blocks(element, drop, beside)
    return tuple(read_blocks(element, drop, beside, trusting=True) if trusting and _chars(blocks) < _SHORT else blocks)


def _vote(
    tree: Element, measured: Measured, drop: str | None, candidates: dict[str, tuple[Block, ...]], cheap: list[str]
) -> tuple[str | None, float | None]:
    """Return the winner and its agreement after adding trafilatura, and readability if the candidates still disagree."""
    links = {text_of(link) for link in tree.iter("a")}
    quick = second_opinion(tree, measured.beside, links)
    candidates["trafilatura"] = tuple(quick if _chars(quick) >= _TEXT else _by_trafilatura(tree, links))
    chosen, agreement = choose(candidates, list(candidates))
    if agreement is None or agreement < AGREE:
        candidates["readability"] = tuple(_by_readability(tree, drop))
        chosen, agreement = choose(candidates, list(candidates))
    return _prefer(cheap, candidates, chosen, agreement)


def _chars(blocks: Iterable[Block]) -> int:
    """Return the number of characters in blocks."""
    return sum(len(block.text) for block in blocks)


def _is_linked(blocks: Iterable[Block]) -> bool:
    """Return whether links contain more than half of a text."""
    return 2 * sum(block.linked * len(block.text) for block in blocks) > _chars(blocks)


def _nested(marked: Element | None, dense: Element | None, measured: Measured) -> float | None:
    """Return the overlap of two nested elements by the size of their texts, or None if they are not nested."""
    if marked is None or dense is None:
        return None
    if marked is dense:
        return 1.0
    if dense not in marked.iterancestors() and marked not in dense.iterancestors():
        return None
    smaller, larger = sorted((measured.mass.get(marked, 0.0), measured.mass.get(dense, 0.0)))
    return 2 * smaller / (smaller + larger) if larger else None


def _prefer(
    cheap: list[str], candidates: dict[str, tuple[Block, ...]], chosen: str | None, agreement: float | None
) -> tuple[str | None, float | None]:
    """Return a cheap candidate instead of a winner with the same text, because it separates paragraphs, lists and tables."""
    won = four_grams(candidates[chosen] if chosen else ())
    for name in cheap if chosen not in cheap else ():
        if overlap(won, four_grams(candidates[name])) >= _SAME:
            return name, agreement
    return chosen, agreement


def place_of(element: Element) -> str:
    """Return an element as a CSS selector: tag, id and classes."""
    name = f"#{element.get('id')}" if element.get("id") else ""
    return f"{element.tag}{name}{''.join(f'.{part}' for part in (element.get('class') or '').split())}"


def choose(candidates: dict[str, tuple[Block, ...]], eligible: Sequence[str]) -> tuple[str | None, float | None]:
    """Return the candidate with the most support and its overlap with the most similar other; the earlier name wins a tie."""
    grams = {name: four_grams(blocks) for name, blocks in candidates.items()}
    chars = {name: _chars(candidates[name]) for name in eligible}
    if max(chars.values(), default=0) >= _TEXT:  # if one candidate has a text, short ones are only headlines or date lines
        eligible = [name for name in eligible if chars[name] >= _SHORT]
    if any(chars[name] >= _TEXT and not _is_linked(candidates[name]) for name in eligible):  # nor are lists of links
        eligible = [name for name in eligible if not _is_linked(candidates[name])]
    best: tuple[float, str, float | None] | None = None
    for name in eligible:
        if not grams[name]:
            continue
        overlaps = sorted((overlap(grams[name], grams[other]) for other in grams if other != name and grams[other]), reverse=True)
        support = (sum(overlaps[:2]) if overlaps else 0.0) + _TRUST.get(name, 0.0)
        if best is None or support > best[0] + 1e-9:
            best = (support, name, overlaps[0] if overlaps else None)
    return (best[1], best[2]) if best else (None, None)


@lru_cache(maxsize=16)
def four_grams(blocks: tuple[Block, ...]) -> Counter[tuple[str, ...]]:
    """Return the counts of four-word sequences; each character of a script without spaces is a word.

    The result is cached because a vote compares the same texts again for each new candidate.
    """
    words = [word for block in blocks for word in _TOKEN.findall(block.text)]
    return (
        Counter(zip(*(words[i:] for i in range(4)), strict=False))
        if len(words) >= 4
        else Counter([tuple(words)] if words else [])
    )


def overlap(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    """Return the overlap of two texts, 0 to 1: shared four-grams divided by the mean number of both."""
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 0.0


def _by_rule(tree: Element, rule: ExtractionRule) -> list[Block]:
    """Return the blocks of the outermost elements that a rule's selector matches."""
    result = tree.cssselect(rule.body)
    outer = [element for element in result if not any(above in result for above in element.iterancestors())]
    return [block for element in outer for block in read_blocks(element, rule.drop)]


def _by_trafilatura(tree: Element, links: Collection[str]) -> list[Block]:
    """Return the blocks that trafilatura extracts with all its steps."""
    result = bare_extraction(copy.deepcopy(tree), with_metadata=False, include_comments=False, fast=True)
    return read_lines(getattr(result, "text", None) or "", links)


def _by_readability(tree: Element, drop: str | None) -> list[Block]:
    """Return the blocks of the part that readability selects; none if it fails."""
    try:
        copied = copy.deepcopy(tree)
        etree.strip_attributes(copied, *_ADDRESSES)
        result = parse(Document(copied).summary(html_partial=True))
        return [] if result is None else read_blocks(result, drop)
    except (etree.LxmlError, ValueError, TypeError, KeyError, AttributeError):
        return []
