"""Check doubtful paragraphs with a second extractor, trafilatura, and add prose that only
trafilatura finds.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING

from tidings.base.writing import ends_sentence, names_speaker, width
from tidings.extraction.parse import plain
from tidings.extraction.text import Block, chars_of, is_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROSE = 40  # characters
_KEPT = frozenset(["li", "pre"])  # list items and code, which the second opinion often lacks
# dates, prices, and lines that introduce something on the same page
_LABEL = re.compile(r"\d|[:：]$")
_LINKED = 0.3  # share of a paragraph in links
_BELONGS = re.compile(r"^[*†¹²³]|[:：]$")  # a footnote, or a line that introduces a list or table
_MAX_REMOVED_SHARE = (
    0.2  # share of a text; a second opinion that would remove more has extracted something else
)
_KEY = 80  # letters that identify a paragraph
_DOUBTFUL = 0.03  # share of a text in doubtful blocks; fewer made no difference on labelled pages
# share of a page's text outside the candidate from which a part of the article may be missing
_OUTSIDE = 0.3
_OPINION = 200  # letters; if trafilatura finds fewer, its result is ignored


def doubtful(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that are neither prose nor table rows nor their headings: labels, credits,
    lists, asides.
    """
    sure = [block.kind == "tr" or is_prose(block) for block in blocks]
    return [
        block
        for i, block in enumerate(blocks)
        if not sure[i] and not (_heads(block) and sure[i + 1 : i + 2] == [True])
    ]


def _heads(block: Block) -> bool:
    """Return whether a block is a heading of the next one: by its tag, or as a bold line that is
    not a label.
    """
    is_bold = block.kind == "strong" and not _LABEL.search(block.text)
    return (is_heading(block) or is_bold) and block.linked < _LINKED


def needs_second_opinion(blocks: Sequence[Block], outside: float) -> bool:
    """Return whether a second opinion is worth its time: much text is doubtful, or much of the
    page's text is ``outside``.
    """
    whole = chars_of(blocks)
    return outside > _OUTSIDE or chars_of(doubtful(blocks)) > _DOUBTFUL * whole


def reconcile(blocks: Sequence[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks without the doubtful ones that ``second`` lacks, and with the prose that
    only ``second`` contains.

    On labelled pages, a paragraph was right most often if both extractors found
    it, or if one found it and it is prose.
    """
    confirmed = "".join(map(plain, map(attrgetter("text"), second)))
    if len(confirmed) < _OPINION:
        return list(blocks)
    kept = _confirmed(blocks, confirmed)
    is_accepted = chars_of(kept) >= (1 - _MAX_REMOVED_SHARE) * chars_of(blocks)
    return _with_prose(kept if is_accepted else [*blocks], second)


def _confirmed(blocks: Sequence[Block], confirmed: str) -> list[Block]:
    """Return the blocks without doubtful ones that the text ``confirmed`` lacks."""
    kept: list[Block] = []
    is_followed = False
    doubted = set(map(id, doubtful(blocks)))
    for block in reversed(blocks):
        is_above = is_followed and (_heads(block) or names_speaker(block.text))
        is_sure = is_above or (
            id(block) not in doubted
            or block.kind in _KEPT
            or plain(block.text)[:_KEY] in confirmed
            or bool(_BELONGS.search(block.text))
        )
        is_followed = is_sure and not is_heading(block)
        kept += [block] * is_sure
    return kept[::-1]


def _with_prose(blocks: list[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks with the prose that only the second opinion contains, in its order
    there.
    """
    text = "".join(plain(block.text) for block in blocks)
    places = {plain(block.text)[:_KEY]: place for place, block in enumerate(blocks)}
    added: dict[int, list[Block]] = {}
    place = -1
    for block in second:
        key = plain(block.text)[:_KEY]
        place = places.get(key, place)
        if key not in text and is_prose(block):
            added.setdefault(place, []).append(block)
    merged = added.get(-1, [])
    for place, block in enumerate(blocks):
        merged += [block, *added.get(place, ())]
    return merged


def is_prose(block: Block) -> bool:
    """Return whether a block is a sentence of some length outside links."""
    return width(block.text) > _PROSE and block.linked < _LINKED and ends_sentence(block.text)
