"""Choose among candidate texts: the one that agrees most with the others wins. If the page has much
more prose than was chosen, the complete set of extractors decides whether it belongs to the text.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from tidings.base.writing import names_speaker
from tidings.extraction.candidates import measure
from tidings.extraction.extractors import by_readability, by_trafilatura
from tidings.extraction.measures import WORD
from tidings.extraction.parse import text_of
from tidings.extraction.text import chars_of, linked_of, read_blocks
from tidings.extraction.trim import is_prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.extraction.candidates import Measured
    from tidings.extraction.parse import Element
    from tidings.extraction.text import Block

TEXT = 600  # characters; a candidate with as many contains a text
SHORT = 200  # characters; a smaller candidate is not accepted alone
_TRUST = {"trafilatura": 0.3}  # support that a candidate has without agreement of others
_CONTAINED = 0.95  # share of the winner's four-word sequences in a candidate that replaces it
_LABEL = 60  # characters
# overlap from which two candidates agree; below it a vote improves the result on labelled pages
AGREE = 0.8


def choose(
    candidates: dict[str, tuple[Block, ...]], eligible: Iterable[str]
) -> tuple[str | None, float | None]:
    """Return the candidate with the most support, the earlier of equals, and its overlap with the
    most similar other.
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
    """Return the names of the candidates that are texts and not headlines or lists of links, if any
    are.
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
    """Return a cheap candidate that contains nearly all of the winner and little else: it separates
    paragraphs and contains headings, speakers and rows that the winner may lack.
    """
    won = four_grams(candidates[chosen] if chosen else ())
    for name in cheap if won and chosen not in cheap else ():
        text = candidates[name]
        # inserted headings and labels separate sequences of words
        inner = tuple(b for b in text if not (b.kind[0] == "h" or _is_label(b.text)))
        joined = won & (four_grams(text) | four_grams(inner))
        if overlap(won, four_grams(text)) >= AGREE and joined.total() >= _CONTAINED * won.total():
            return name, agreement
    return chosen, agreement


def _is_label(line: str) -> bool:
    """Return whether a line announces the next one: a speaker, or short with a final colon."""
    return names_speaker(line) or (len(line) <= _LABEL and line[-1] in ":：")


def is_linked(blocks: Sequence[Block]) -> bool:
    """Return whether links contain more than half of a text."""
    return 2 * linked_of(blocks) > chars_of(blocks)


@lru_cache(maxsize=16)
def four_grams(blocks: tuple[Block, ...]) -> Counter[tuple[str, ...]]:
    """Return the counts of four-word sequences; in scripts without spaces, of four characters.

    The result is cached because a vote compares the same texts again for each new candidate.
    """
    words = [word for block in blocks for word in WORD.findall(block.text)]
    if len(words) < 4:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[i:] for i in range(4)), strict=False))


def overlap(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    """Return the overlap of two texts, 0 to 1: shared four-grams by the mean number of both."""
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 0.0


_KEPT = 0.5  # share of the page's text; a chosen text with less is checked
_WHOLE = 0.85  # share of the page's text that counts as all of it
_MORE = 2.0  # factor by which all of the page has more prose than the chosen text
_SUPPORT = 1.5  # factor by which another extractor finds more prose than the chosen text
_PROSE = 0.3  # share of prose in a text; lists of products and teasers have less
_HIDDEN = 0.15  # share of the page's text including elements with names of boilerplate
_INCLUDED = 0.5  # share of the chosen text that a declared text must contain to replace it
_MUCH_MORE = 3.0  # factor by which the text with such names has more prose than the chosen one


def recheck(
    tree: Element,
    measured: Measured,
    candidates: dict[str, tuple[Block, ...]],
    chosen: str | None,
    inside: Element | None,
) -> tuple[str, float, Element] | None:
    """Return name, agreement and element of a much longer text that replaces the chosen one, or
    None; add to the candidates what it reads. ``inside`` is the chosen text's element, if known.
    """
    root, text = measured.root, candidates[chosen] if chosen else ()
    chars, prose = chars_of(text), prose_of(text)
    if chars < _KEPT * measured.whole:
        element = _whole_text(measured, inside)
        whole = candidates["whole"] = tuple(
            read_blocks(element, None, measured.beside, noises=measured.noises)
        )
        least = max(SHORT, _MORE * prose, _PROSE * chars_of(whole))
        if prose_of(whole) >= least and _is_supported(tree, candidates, _SUPPORT * prose):
            return "whole", _agreement("whole", candidates), element
    stated = candidates.get("stated", ())
    is_longer = prose_of(stated) >= max(TEXT, _MORE * prose)
    if is_longer and _share_in(text, stated) >= _INCLUDED:
        return "stated", _agreement("stated", candidates), root
    is_hidden = chars < TEXT and chars < _HIDDEN * measure(root, trusting=True).whole
    if is_hidden and prose_of(_complete(tree, candidates)) >= max(TEXT, _MUCH_MORE * prose):
        return "complete", _agreement("complete", candidates), root
    return None


def _share_in(text: tuple[Block, ...], other: tuple[Block, ...]) -> float:
    """Return the share of a text's four-word sequences that another text contains."""
    grams = four_grams(text)
    return (grams & four_grams(other)).total() / grams.total() if grams else 1.0


def prose_of(blocks: Iterable[Block]) -> int:
    """Return the number of characters in sentences of some length outside links."""
    return chars_of(filter(is_prose, blocks))


def _whole_text(measured: Measured, inside: Element | None) -> Element:
    """Return the smallest element with the chosen one and nearly all text outside boilerplate."""
    least = _WHOLE * measured.whole
    large = [element for element, mass in measured.mass.items() if mass >= least]
    element = [measured.root, *large][-1]
    if inside is None:
        return element
    above = {inside, *inside.iterancestors()}
    return next(one for one in (element, *element.iterancestors()) if one in above)


def _is_supported(tree: Element, candidates: dict[str, tuple[Block, ...]], least: float) -> bool:
    """Return whether readability, or the slower complete trafilatura, finds that much prose."""
    if "readability" not in candidates:
        candidates["readability"] = tuple(by_readability(tree))
    found = prose_of(candidates["readability"])
    return found >= least or prose_of(_complete(tree, candidates)) >= least


def _complete(tree: Element, candidates: dict[str, tuple[Block, ...]]) -> tuple[Block, ...]:
    """Return the text of the complete trafilatura, adding it to the candidates."""
    if "complete" not in candidates:
        links = set(map(text_of, tree.iter("a")))
        candidates["complete"] = tuple(by_trafilatura(tree, links, fast=False))
    return candidates["complete"]


def _agreement(name: str, candidates: dict[str, tuple[Block, ...]]) -> float:
    """Return the overlap of a candidate with the most similar other."""
    grams = four_grams(candidates[name])
    others = (four_grams(blocks) for other, blocks in candidates.items() if other != name)
    return max((overlap(grams, other) for other in others), default=0.0)
