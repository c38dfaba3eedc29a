"""Where the article's text is: two cheap candidates, and a vote with trafilatura and readability where they disagree."""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree
from readability import Document
from trafilatura import bare_extraction

from tidings.flows.extract.candidates import Measured, dense_body, marked_body, measure
from tidings.flows.extract.page_metadata import strings_of
from tidings.flows.extract.parse import parse, text_of
from tidings.flows.extract.reconcile import read_lines, second_opinion
from tidings.flows.extract.text import Block, read_blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tidings.flows.extract.page_metadata import Declared
    from tidings.flows.extract.parse import Element
    from tidings.flows.extract.rules import ExtractionRule

AGREE = 0.8  # overlap from which two candidates say the same: below it a third opinion pays, measured on labelled pages
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+"
)
_TRUST = {"trafilatura": 0.3}  # what a candidate's word weighs before any other agrees
_SAME = 0.95
_ADDRESSES = ("href", "src", "srcset", "action", "data-src", "onclick")  # readability reads each, and needs none
_TEXT = 600  # characters that surely are a text
_SHORT = 200  # characters: below it a candidate alone is not believed

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The text chosen, who chose it, and what every candidate said (for a person who asks why)."""

    blocks: tuple[Block, ...] = ()
    extractor: str = "none"
    agreement: float | None = None
    said: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # where a candidate found its text, as a CSS selector names it
    beside: tuple[Element, ...] = ()  # elements that are surely no part of it
    outside: float | None = None  # share of the page's text that stands outside; None: it was told where the text is


def read_body(tree: Element, declared: Declared, rule: ExtractionRule | None) -> Body:
    """Return the article's text: the publisher's rule, else what the cheap candidates agree on, else the vote's winner."""
    if rule and rule.body and (blocks := _by_rule(tree, rule)):
        return Body(tuple(blocks), f"rule:{rule.rule_id}", None, {"rule": tuple(blocks)}, {"rule": rule.body})
    root = tree.find("body") if tree.find("body") is not None else tree
    measured = measure(root)
    trusting = max(measured.mass.values(), default=0.0) < _SHORT
    if trusting:
        measured = measure(root, trusting=True)
    elements = {"marked": marked_body(measured), "dense": dense_body(measured)}
    places = {name: place_of(element) for name, element in elements.items() if element is not None}
    drop = rule.drop if rule else None
    nested = _nested(elements["marked"], elements["dense"], measured)
    said: dict[str, tuple[Block, ...]] = {}
    for name in places:
        if name == "dense" and nested is not None and nested >= AGREE and said["marked"]:
            continue  # the same text in two wrappers: it need not be read twice to know
        said[name] = _read(elements[name], drop, measured.beside, trusting=trusting)
    cheap = list(said)
    stated = strings_of(declared.article.get("articleBody"))
    if stated and len(stated[0]) > _SHORT and "<" not in stated[0]:
        said["stated"] = tuple(Block("p", part, 0.0) for part in re.split(r"\s*\n\s*", stated[0]) if part)
    chosen, agreement = ("marked", nested) if nested is not None and cheap == ["marked"] else choose(said, cheap)
    if chosen and _is_linked(said[chosen]):
        agreement = 0.0  # both found a list of links to elsewhere
    if chosen and "stated" in said and _chars(said["stated"]) > 2 * _chars(said[chosen]):
        agreement = 0.0  # the page itself says that there is much more
    if chosen is None or agreement is None or agreement < AGREE:
        chosen, agreement = _vote(tree, measured, drop, said, cheap)
    if chosen is None:
        return Body(said=said, places=places)
    masses = [measured.mass[element] for element in elements.values() if element is not None]
    outside = 1 - max(masses, default=0.0) / measured.mass[root] if measured.mass.get(root) else 0.0
    return Body(said[chosen], chosen, agreement, said, places, tuple(measured.beside), outside)


def _read(element: Element, drop: str | None, beside: Iterable[Element], *, trusting: bool) -> tuple[Block, ...]:
    """Return an element's blocks; ``trusting``: where too little is left, those also whose names call them noise."""
    blocks = read_blocks(element, drop, beside)
    return tuple(read_blocks(element, drop, beside, trusting=True) if trusting and _chars(blocks) < _SHORT else blocks)


def _vote(
    tree: Element, measured: Measured, drop: str | None, said: dict[str, tuple[Block, ...]], cheap: list[str]
) -> tuple[str | None, float | None]:
    """Return the winner and its agreement once trafilatura has spoken too, and readability if that settles nothing."""
    links = {text_of(link) for link in tree.iter("a")}
    quick = second_opinion(tree, measured.beside, links)
    said["trafilatura"] = tuple(quick if _chars(quick) >= _TEXT else _by_trafilatura(tree, links))
    chosen, agreement = choose(said, list(said))
    if agreement is None or agreement < AGREE:
        said["readability"] = tuple(_by_readability(tree, drop))
        chosen, agreement = choose(said, list(said))
    return _prefer(cheap, said, chosen, agreement)


def _chars(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _is_linked(blocks: Iterable[Block]) -> bool:
    """Tell whether more than half of a text stands in links."""
    return 2 * sum(block.linked * len(block.text) for block in blocks) > _chars(blocks)


def _nested(marked: Element | None, dense: Element | None, measured: Measured) -> float | None:
    """Return the overlap of two elements of which one holds the other, told by the text in them, or None."""
    if marked is None or dense is None:
        return None
    if marked is dense:
        return 1.0
    if dense not in marked.iterancestors() and marked not in dense.iterancestors():
        return None
    smaller, larger = sorted((measured.mass.get(marked, 0.0), measured.mass.get(dense, 0.0)))
    return 2 * smaller / (smaller + larger) if larger else None


def _prefer(
    cheap: list[str], said: dict[str, tuple[Block, ...]], chosen: str | None, agreement: float | None
) -> tuple[str | None, float | None]:
    """Return a cheap candidate in place of a winner that says the same: it keeps paragraphs, lists and tables apart."""
    won = four_grams(said[chosen] if chosen else ())
    for name in cheap if chosen not in cheap else ():
        if overlap(won, four_grams(said[name])) >= _SAME:
            return name, agreement
    return chosen, agreement


def place_of(element: Element) -> str:
    """Return an element as a CSS selector would name it: tag, id and classes."""
    name = f"#{element.get('id')}" if element.get("id") else ""
    return f"{element.tag}{name}{''.join(f'.{part}' for part in (element.get('class') or '').split())}"


def choose(said: dict[str, tuple[Block, ...]], eligible: Sequence[str]) -> tuple[str | None, float | None]:
    """Return the candidate that the others agree with most and its overlap with the nearest, earlier names winning ties."""
    grams = {name: four_grams(blocks) for name, blocks in said.items()}
    chars = {name: _chars(said[name]) for name in eligible}
    if max(chars.values(), default=0) >= _TEXT:  # where somebody finds a text, a headline and a date line are none
        eligible = [name for name in eligible if chars[name] >= _SHORT]
    if any(chars[name] >= _TEXT and not _is_linked(said[name]) for name in eligible):  # nor is a list of links
        eligible = [name for name in eligible if not _is_linked(said[name])]
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
    """Return the counted sequences of four words; a character of a script without spaces is a word.

    A vote asks for the same texts again each time that somebody joins it.
    """
    words = [word for block in blocks for word in _TOKEN.findall(block.text)]
    return (
        Counter(zip(*(words[i:] for i in range(4)), strict=False))
        if len(words) >= 4
        else Counter([tuple(words)] if words else [])
    )


def overlap(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    """Return how much two texts share, 0 to 1: shared four-grams over the mean of both."""
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 0.0


def _by_rule(tree: Element, rule: ExtractionRule) -> list[Block]:
    found = tree.cssselect(rule.body)
    outer = [element for element in found if not any(above in found for above in element.iterancestors())]
    return [block for element in outer for block in read_blocks(element, rule.drop)]


def _by_trafilatura(tree: Element, links: Collection[str]) -> list[Block]:
    found = bare_extraction(copy.deepcopy(tree), with_metadata=False, include_comments=False, fast=True)
    return read_lines(getattr(found, "text", None) or "", links)


def _by_readability(tree: Element, drop: str | None) -> list[Block]:
    try:
        copied = copy.deepcopy(tree)
        etree.strip_attributes(copied, *_ADDRESSES)
        found = parse(Document(copied).summary(html_partial=True))
        return [] if found is None else read_blocks(found, drop)
    except (etree.LxmlError, ValueError, TypeError, KeyError, AttributeError):
        return []
