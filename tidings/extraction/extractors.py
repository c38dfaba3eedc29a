"""Run other extractors on a copy of a page: trafilatura, its main extractor alone, readability."""

import copy
import logging
from collections.abc import Collection, Iterable

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.readability_lxml import Document
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from tidings.extraction.noise import DROPPED_TAGS, is_invitation
from tidings.extraction.parse import Element, parse, squeeze
from tidings.extraction.text import Block, chars_of, read_blocks

_NEVER_TEXT = (*(DROPPED_TAGS - {"figcaption", "title", "head"}), "img", "source", "picture")
_LITTLE = 250  # characters, as in readability
_FAST = Extractor(fast=True, comments=False)


def second_opinion(
    tree: Element, beside: Iterable[Element] = (), links: Collection[str] = ()
) -> list[Block]:
    """Return what trafilatura's main extractor finds without the elements in ``beside``."""
    excluded = set(beside) - {tree}
    copied = copy.deepcopy(tree)
    twins = zip(tree.iter(), copied.iter(), strict=True) if excluded else ()
    for twin in [twin for node, twin in twins if node in excluded]:
        twin.drop_tree()
    etree.strip_elements(copied, *_NEVER_TEXT, with_tail=False)
    try:
        body, _ = extract_content(convert_tags(tree_cleaning(copied, _FAST), _FAST), _FAST)
        return read_lines(xmltotxt(body, include_formatting=False), links)
    except (ValueError, TypeError, AttributeError, IndexError, etree.LxmlError):
        return []


def read_lines(text: str, links: Collection[str] = ()) -> list[Block]:
    """Return a text's lines as blocks, without labels of the page; those in ``links`` are links."""
    lines = (squeeze(line).strip("-| ") for line in text.replace("\\|", "|").split("\n"))
    kept = (line for line in lines if line and not is_invitation(line))
    return [Block("p", line, float(line in links)) for line in kept]


def by_trafilatura(tree: Element, links: Collection[str], *, fast: bool = True) -> list[Block]:
    """Return what trafilatura extracts; unless ``fast``, it also compares other extractors."""
    page = copy.deepcopy(tree)
    result = bare_extraction(page, with_metadata=False, include_comments=False, fast=fast)
    return read_lines(getattr(result, "text", None) or "", links)


class _Lenient(Document):
    """Readability without its removal of parts with unlikely names."""

    def remove_unlikely_candidates(self) -> None:
        """Remove nothing."""


def by_readability(tree: Element, drop: str | None = None) -> list[Block]:
    """Return what readability selects, of all parts if that is little; nothing if it fails."""
    blocks: list[Block] = []
    try:
        for reader in (Document, _Lenient):
            result = parse(reader(copy.deepcopy(tree)).summary())
            blocks = [] if result is None else read_blocks(result, drop)
            if chars_of(blocks) >= _LITTLE:
                break
    except (etree.LxmlError, ValueError, TypeError, KeyError, AttributeError):
        return []
    return blocks


logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
