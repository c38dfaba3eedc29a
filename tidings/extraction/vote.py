"""Choose among candidate texts: the one that agrees most with the others."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from tidings.base.writing import names_speaker
from tidings.extraction.measures import WORD
from tidings.extraction.text import chars_of, linked_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidings.extraction.text import Block

TEXT = 600  # characters; a candidate with as many contains a text
SHORT = 200  # characters; a smaller candidate is not accepted alone
_TRUST = {"trafilatura": 0.3}  # support that a candidate has without agreement of others
_CONTAINED = 0.95  # share of the winner's four-word sequences in a candidate that replaces it
_LABEL = 60  # characters
# overlap from which two candidates agree; below it a vote improves the result on labelled pages
AGREE = 0.8


def choose(
    candidates: dict[str, tuple[Block, ...]], eligible: Sequence[str]
) -> tuple[str | None, float | None]:
    """Return the candidate with the most support and its overlap with the most similar other; the
    earlier name wins a tie.
    """
    grams = {name: found for name, blocks in candidates.items() if (found := four_grams(blocks))}
    supported: list[tuple[float, str, float | None]] = []
    for name in _texts(candidates, [name for name in eligible if name in grams]):
        others = (other for key, other in grams.items() if key != name)
        overlaps = sorted((overlap(grams[name], other) for other in others), reverse=True)
        support = round(sum(overlaps[:2]) + _TRUST.get(name, 0.0), 9)
        supported.append((support, name, next(iter(overlaps), None)))
    _, chosen, agreement = max(supported, key=itemgetter(0), default=(0.0, None, None))
    return chosen, agreement


def _texts(candidates: dict[str, tuple[Block, ...]], names: Sequence[str]) -> Sequence[str]:
    """Return the names of the candidates that are texts, if there are any: short ones are then only
    headlines or date lines, and others are lists of links.
    """
    chars = {name: chars_of(candidates[name]) for name in names}
    if max(chars.values(), default=0) < TEXT:
        return names
    long = [name for name in names if chars[name] >= SHORT]
    texts = [name for name in long if not is_linked(candidates[name])]
    return texts if any(chars[name] >= TEXT for name in texts) else long


def prefer(
    cheap: list[str],
    candidates: dict[str, tuple[Block, ...]],
    chosen: str | None,
    agreement: float | None,
) -> tuple[str | None, float | None]:
    """Return a cheap candidate that contains nearly all of the winner and little else, because it
    has structure.

    It separates paragraphs and contains headings, speakers and rows that the winner may lack.
    """
    won = four_grams(candidates[chosen] if chosen else ())
    for name in cheap if won and chosen not in cheap else ():
        text = candidates[name]
        # inserted headings separate sequences of words
        joined = won & (four_grams(text) | four_grams(_paragraphs(text)))
        if overlap(won, four_grams(text)) >= AGREE and joined.total() >= _CONTAINED * won.total():
            return name, agreement
    return chosen, agreement


def _paragraphs(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks that are neither headings nor names of speakers nor short lines that end
    with a colon.
    """
    return tuple(block for block in blocks if not (block.kind[0] == "h" or _is_label(block.text)))


def _is_label(line: str) -> bool:
    """Return whether a line announces the next one: the name of a speaker, or a short line that
    ends with a colon.
    """
    return names_speaker(line) or (len(line) <= _LABEL and line[-1] in ":：")


def is_linked(blocks: Sequence[Block]) -> bool:
    """Return whether links contain more than half of a text."""
    return 2 * linked_of(blocks) > chars_of(blocks)


@lru_cache(maxsize=16)
def four_grams(blocks: tuple[Block, ...]) -> Counter[tuple[str, ...]]:
    """Return the counts of four-word sequences; each character of a script without spaces is a
    word.

    The result is cached because a vote compares the same texts again for each new candidate.
    """
    words = [word for block in blocks for word in WORD.findall(block.text)]
    return (
        Counter(zip(*(words[i:] for i in range(4)), strict=False))
        if len(words) >= 4
        else Counter([tuple(words)] if words else [])
    )


def overlap(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    """Return the overlap of two texts, 0 to 1: shared four-grams divided by the mean number of
    both.
    """
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 0.0
