"""A second opinion where it pays: trafilatura's word on the paragraphs that do not look like prose, and on prose left out."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from lxml import etree
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from tidings.flows.extract.noise import DROPPED_TAGS
from tidings.flows.extract.parse import squeeze
from tidings.flows.extract.text import Block, is_heading
from tidings.flows.extract.title import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tidings.flows.extract.parse import Element

_SENTENCE = re.compile(r"[.!?…。！？”\"»)）]\W*$")
_PROSE = 40  # characters
_LABEL = re.compile(r"\d|[:：]$")  # dates, prices and what leads to something on the same page
_LINKED = 0.3  # share of a paragraph in links
_BELONGS = re.compile(r"^[*†¹²³]|[:：]$")  # a footnote, or what a list or a table hangs on
_MOST = 0.2  # share of a text that a second opinion may take away: who would take more reads another page
_KEY = 80  # letters by which a paragraph is known again
_NEVER_TEXT = (*(DROPPED_TAGS - {"figcaption", "title", "head"}), "img", "source", "picture")
_DOUBTED = 0.03  # share of a text in doubted blocks: where there is less, they made no difference
_OUTSIDE = 0.3  # share of a page's text outside the article from which a part of it may stand there
_OPINION = 200  # letters below which trafilatura found no article, and has no say

_FAST = Extractor(fast=True, comments=False)


def second_opinion(tree: Element, beside: Iterable[Element] = (), links: Collection[str] = ()) -> list[Block]:
    """Return the paragraphs that trafilatura's main extractor takes from a tree without what surely is ``beside`` the article.

    Four times as fast as all of trafilatura, which reads a page once more when it finds little: who finds little here is not
    heard. The tree is not changed.
    """
    copied = copy_without(tree, beside)
    etree.strip_elements(copied, *_NEVER_TEXT, with_tail=False)
    try:
        body, _ = extract_content(convert_tags(tree_cleaning(copied, _FAST), _FAST), _FAST)
        return read_lines(xmltotxt(body, include_formatting=False), links)
    except (ValueError, TypeError, AttributeError, IndexError, etree.LxmlError):
        return []


def copy_without(element: Element, beside: Iterable[Element]) -> Element:
    """Return a copy of an element without those elements in it."""
    taken = set(beside) - {element}
    copied = copy.deepcopy(element)
    for twin in [twin for one, twin in zip(element.iter(), copied.iter(), strict=True) if one in taken] if taken else ():
        twin.drop_tree()
    return copied


def read_lines(text: str, links: Collection[str] = ()) -> list[Block]:
    """Return the lines of a text as blocks, without the marks of a list; lines that are ``links`` of the page are so here too."""
    lines = (squeeze(line).strip("-| ") for line in text.replace("\\|", "|").split("\n"))
    return [Block("p", line, float(line in links)) for line in lines if line]


def doubted(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that are no prose, no row of a table and no heading above such: labels, credits, lists, asides."""
    sure = [block.kind == "tr" or _is_prose(block) for block in blocks]
    return [block for i, block in enumerate(blocks) if not sure[i] and not (_heads(block) and sure[i + 1 : i + 2] == [True])]


def _heads(block: Block) -> bool:
    """Tell whether a block is a heading of what follows: told by its tag, or a line in bold letters that is no mere label."""
    is_bold = block.kind == "strong" and not _LABEL.search(block.text)
    return (is_heading(block) or is_bold) and block.linked < _LINKED


def is_open(blocks: Sequence[Block], outside: float) -> bool:
    """Tell whether a second opinion is worth its time: much is doubted, or much of the page's text stands ``outside``."""
    whole = sum(len(block.text) for block in blocks)
    return outside > _OUTSIDE or sum(len(block.text) for block in doubted(blocks)) > _DOUBTED * whole


def settle(blocks: Sequence[Block], second: Sequence[Block], trimmed: Sequence[Block] | None = None) -> list[Block]:
    """Return the blocks without the doubted ones that the second opinion leaves out, and with the prose that it alone holds.

    ``trimmed`` is the second opinion without contacts: they may stay in a text that holds them, and are not added to it.
    Neither reader is right about everything: on labelled pages what both hold, or one holds as prose, was right most often.
    """
    said = "".join(plain(block.text) for block in second)
    if len(said) < _OPINION:
        return list(blocks)
    gone: set[int] = set()
    is_followed = False
    questioned = {id(block) for block in doubted(blocks)}
    for block in reversed(blocks):
        if id(block) in questioned and plain(block.text)[:_KEY] not in said and not _BELONGS.search(block.text):
            gone |= set() if is_followed and _heads(block) else {id(block)}
        is_followed = id(block) not in gone and not is_heading(block)
    left_out = sum(len(block.text) for block in blocks if id(block) in gone)
    is_heard = left_out <= _MOST * sum(len(block.text) for block in blocks)
    return _with_prose(
        [block for block in blocks if not is_heard or id(block) not in gone], second if trimmed is None else trimmed
    )


def _with_prose(blocks: list[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks with the prose that only the second opinion holds, each after what it follows there."""
    held = "".join(plain(block.text) for block in blocks)
    places = {plain(block.text)[:_KEY]: place for place, block in enumerate(blocks)}
    added: dict[int, list[Block]] = {}
    place = -1
    for block in second:
        key = plain(block.text)[:_KEY]
        place = places.get(key, place)
        if key not in held and _is_prose(block):
            added.setdefault(place, []).append(block)
    merged = added.get(-1, [])
    for place, block in enumerate(blocks):
        merged += [block, *added.get(place, ())]
    return merged


def _is_prose(block: Block) -> bool:
    return len(block.text) > _PROSE and block.linked < _LINKED and bool(_SENTENCE.search(block.text))
