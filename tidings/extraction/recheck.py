"""Check a chosen text against the rest of the page, so that no article's text is lost silently.

A page may divide its text into several parts, hide it behind names of boilerplate, or declare it in
its JSON-LD. If much more prose is there than was chosen, the complete set of extractors decides
whether it belongs to the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.extraction.candidates import measure
from tidings.extraction.extractors import by_readability, by_trafilatura
from tidings.extraction.parse import text_of
from tidings.extraction.reconcile import is_prose
from tidings.extraction.text import chars_of, read_blocks
from tidings.extraction.vote import SHORT, TEXT, four_grams, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidings.extraction.candidates import Measured
    from tidings.extraction.parse import Element
    from tidings.extraction.text import Block

_KEPT = 0.5  # share of the page's text; a chosen text with less is checked
_WHOLE = 0.85  # share of the page's text that counts as all of it
_MORE = 2.0  # factor by which all of the page has more prose than the chosen text
_SUPPORT = 1.5  # factor by which another extractor finds more prose than the chosen text
_PROSE = 0.3  # share of prose in a text; lists of products and teasers have less
_HIDDEN = 0.15  # share of the page's text including elements with names of boilerplate
_CONTAINED = 0.5  # share of the chosen text that a declared text must contain to replace it
_MUCH_MORE = 3.0  # factor by which the text with such names has more prose than the chosen one


def recheck(
    tree: Element,
    measured: Measured,
    candidates: dict[str, tuple[Block, ...]],
    chosen: str | None,
    inside: Element | None,
) -> tuple[str, float, Element] | None:
    """Return the text that replaces the chosen one, or None if the page has no much longer one.

    Adds what it reads to the candidates.

    Args:
        tree: The page.
        measured: The amounts of text in its body.
        candidates: The texts so far, by name.
        chosen: The name of the chosen text, or None.
        inside: Its element, or None if an extractor without elements chose it.

    Returns:
        Name of the new text, its overlap with the most similar other extractor, and its element.
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
    if is_longer and _share_in(text, stated) >= _CONTAINED:
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
    """Return the number of characters in prose: sentences of some length outside links."""
    return chars_of(filter(is_prose, blocks))


def _whole_text(measured: Measured, inside: Element | None) -> Element:
    """Return the smallest element that contains the chosen one and nearly all text of the page
    outside boilerplate.
    """
    least = _WHOLE * measured.whole
    element = [
        measured.root,
        *(element for element, mass in measured.mass.items() if mass >= least),
    ][-1]
    above = () if inside is None else (inside, *inside.iterancestors())
    return (
        element
        if not above or element in above
        else next(one for one in element.iterancestors() if one in above)
    )


def _is_supported(tree: Element, candidates: dict[str, tuple[Block, ...]], least: float) -> bool:
    """Return whether readability, or else the complete trafilatura, which is slower, finds that
    much prose.
    """
    if "readability" not in candidates:
        candidates["readability"] = tuple(by_readability(tree))
    return (
        prose_of(candidates["readability"]) >= least
        or prose_of(_complete(tree, candidates)) >= least
    )


def _complete(tree: Element, candidates: dict[str, tuple[Block, ...]]) -> tuple[Block, ...]:
    """Return the text of the complete trafilatura, adding it to the candidates."""
    if "complete" not in candidates:
        links = set(map(text_of, tree.iter("a")))
        candidates["complete"] = tuple(by_trafilatura(tree, links, fast=False))
    return candidates["complete"]


def _agreement(name: str, candidates: dict[str, tuple[Block, ...]]) -> float:
    """Return the overlap of a candidate with the most similar other."""
    grams = four_grams(candidates[name])
    return max(
        (
            overlap(grams, four_grams(blocks))
            for other, blocks in candidates.items()
            if other != name
        ),
        default=0.0,
    )
