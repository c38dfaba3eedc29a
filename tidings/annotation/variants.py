"""Return the spellings and inflections under which a phrase is matched."""

from __future__ import annotations

from itertools import product

from tidings.annotation.folding import fold_by_definition
from tidings.annotation.languages import language
from tidings.base.languages import is_known

MAX_VARIANTS = 16
"""Most spellings of a phrase: more than any in the word lists has."""


def spell_out(phrase: str, tag: str, match_type: str) -> list[str]:
    """Return the folded spellings of a phrase, its own first; ``tag`` is a BCP 47 tag.
    ``inflected`` adds inflections of the last word.
    """
    words = fold_by_definition(phrase.strip().removesuffix("*").strip()).split(" ")
    most = MAX_VARIANTS
    choices = [[word] for word in words]
    if is_known(tag):
        known = language(tag)
        choices = [*map(known.spellings, words)]
        if match_type == "inflected":
            choices[-1] = list(
                dict.fromkeys(
                    form for word in choices[-1] for form in [word, *known.inflections(word)]
                )
            )
            most *= 8
    combined = map(" ".join, product(*choices))
    return [spelling for spelling, _ in zip(dict.fromkeys(combined), range(most), strict=False)]
