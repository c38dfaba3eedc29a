"""The ends of a text: what stands above its first and below its last paragraph without belonging to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows.steps.clean.text import is_heading
from flows.steps.clean.title import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flows.steps.clean.text import Block

_TOP = 10  # blocks looked at above the text
_SENTENCE = re.compile(r"[.!?…。！？”\"»)）:;][\W\d]*$")
_DATE_LINE = re.compile(
    r"\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d{2}\b|\b\d{1,2}\.\s?\d{1,2}\.|\b(?:ago|updated|published|veröffentlicht|aktualisiert|stand|min read|minutes?|publicado|"
    r"publié|uppdaterad|publicerad|oppdatert|lesezeit|uhr)\b|\d+月\d+日",
    re.I,
)
_BY = re.compile(r"^\W*(?:by|von|par|por|di|av|af|text|foto|photo|bild|kommentar von|ein (?:kommentar|gastbeitrag|beitrag) von|autor(?:in)?|author|words)\b", re.I)
_AGENCY = re.compile(r"^\W*(?:(?:quelle|source|fuente|agentur|bild|foto)\s*:?\s*)?[\w./ -]{2,40}$")


def trim(blocks: Sequence[Block], title: str, known: Iterable[str]) -> list[Block]:
    """Return the blocks of the text itself.

    Taken off above: the repeated title and what stands above that, lines of byline and date (``known`` holds lines and names
    told elsewhere). Taken off below: headings that head nothing, links to elsewhere, short lines that are no sentence.
    """
    return _trim_end(_trim_top(list(blocks), plain(title), {plain(text) for text in known}))


def _trim_top(blocks: list[Block], title: str, known: set[str]) -> list[Block]:
    top = blocks[:_TOP]
    at = max((i for i, block in enumerate(top) if _is_title(plain(block.text), title)), default=-1)
    if at >= 0 and sum(len(block.text) for block in top[:at]) > 600:
        at = -1
    kept = [block for i, block in enumerate(top) if i > at or (len(block.text) > 80 and not _is_title(plain(block.text), title))]
    result: list[Block] = []
    for i, block in enumerate(kept):
        if sum(len(b.text) for b in result) < 700 and _is_credit(block, known):
            continue
        result = [*result, *kept[i : i + 1]]
    return [*result, *blocks[_TOP:]]


def _is_title(key: str, title: str) -> bool:
    return bool(title) and len(key) >= 6 and (key == title or (title in key and len(key) < 1.6 * len(title)) or (key in title and len(key) > 0.6 * len(title)))


def _is_credit(block: Block, known: set[str]) -> bool:
    """Tell whether a block at the top only says who wrote it and when."""
    text = block.text
    key = plain(text)
    if key in known:
        return True
    if len(text) > 120 or is_heading(block):
        return False
    names = sum(len(name) for name in known if name and name in key)
    if names and names >= 0.3 * len(key):
        return True
    return len(text) < 80 and (bool(_BY.match(text)) or bool(_DATE_LINE.search(text))) and not _SENTENCE.search(text)


def _trim_end(blocks: list[Block]) -> list[Block]:
    while blocks:
        last = blocks[-1]
        loose = len(last.text) < 60 and not _SENTENCE.search(last.text) and last.kind in {"p", "h2", "h3", "h4", "h5", "h6"}
        linked = last.linked > 0.9 and len(last.text) < 200
        if not (is_heading(last) or linked or (loose and len(blocks) > 3 and _is_text(blocks[-2]))):
            break
        blocks = blocks[:-1]
    return blocks


def _is_text(block: Block) -> bool:
    return len(block.text) > 100 or bool(_SENTENCE.search(block.text)) or is_heading(block) or block.linked > 0.5
