"""Words of a sentence in which a quotation is one word, and their parts between signs."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from tidings.annotation.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

QUOTATION = "“”"
"""Text of the word that replaces a quotation."""
BREAKS = frozenset((",", ";", ":", "-", "–", "—", QUOTATION))
"""Signs that end a part of a sentence."""
PAIRS = {
    "„": '“”"',
    "“": "”",
    "»": "«",
    "«": "»",
    '"': '"',
    "‚": "‘’",
    "›": "‹",
    "‹": "›",
    "(": ")",
    "[": "]",
}
"""Opening marks with their closing marks."""

FARTHEST = 45
"""Most words between the parts of a clause."""
_POLITE = frozenset(("sie", "ihr", "ihre", "ihrer", "ihnen"))  # also capital within a sentence
_CONTINUING = frozenset((":", ",", "-"))
_NAME_IN_MARKS = 5  # longest title in quotation marks, in words, that counts as a noun


def simplify(tokens: Sequence[Token]) -> list[Token]:
    """Return the words of a sentence; a quotation and a quoted name are one word each, and brackets
    belong to the word before.
    """
    words: list[Token] = []
    closing = _find_closing(tokens)
    place = 0
    while place < len(tokens):
        token = tokens[place]
        last = closing.get(place)
        if last is None:
            if (token.text in _CONTINUING or token.text[0].isdigit()) and _is_continued(
                tokens, place
            ):
                token = words.pop()._replace(end=token.end)
            words.append(token)
            place += 1
            continue
        start, end = token.start, tokens[last].end
        if token.text in "([":
            if words:
                words[-1] = words[-1]._replace(end=end)
        else:
            inner = tokens[place + 1 : last]
            is_name = (
                0 < len(inner) <= _NAME_IN_MARKS
                and inner[0].text[0].isupper()
                and inner[-1].text not in {",", ".", "!", "?"}
            )
            if (
                is_name
                and last + 1 < len(tokens)
                and tokens[last + 1].text == "-"
                and tokens[last + 1].start == end
            ):
                last = min(last + 2, len(tokens) - 1)  # „Bild“-Zeitung
                end = tokens[last].end
            text = _join(tokens[place : last + 1]) if is_name else QUOTATION
            words.append(Token(start, end, text, text.lower()))
        place = last + 1
    return words


def _join(tokens: Sequence[Token]) -> str:
    """Return tokens with a space where the sentence has one."""
    gaps = ["", *(" " if after.start > before.end else "" for before, after in pairwise(tokens))]
    return "".join(gap + token.text for gap, token in zip(gaps, tokens, strict=True))


def _is_continued(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a token belongs to the word before: Journalistinnen- und, 10:05, 5,3."""
    token, before = tokens[place], tokens[place - 1]
    if place == 0 or before.end != token.start:
        return False
    if token.text == "-":
        return before.text[0].isalnum()
    is_digit = token.text[0].isdigit()
    sign, after = (before, token) if is_digit else (token, tokens[min(place + 1, len(tokens) - 1)])
    first = tokens[place - 2] if is_digit and place > 1 else before
    return (
        sign.text in {":", ","}
        and first.text[-1].isdigit()
        and after.text[0].isdigit()
        and first.end == sign.start
        and (after.start == sign.end)
    )


def _find_closing(tokens: Sequence[Token]) -> dict[int, int]:
    """Return the place of the closing mark for each opening mark outside other marks. An unclosed
    mark counts as a sign.
    """
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        if not token.text[0].isalnum():
            places.setdefault(token.text, []).append(place)
    found: dict[int, int] = {}
    last = -1
    for place, token in enumerate(tokens):
        if place <= last or token.text not in PAIRS:
            continue
        ends = [
            ends[at]
            for mark in PAIRS[token.text]
            if (at := bisect_left(ends := places.get(mark, []), place + 1)) < len(ends)
        ]
        if ends:
            found[place] = last = min(ends)
    return found


class Parsed:
    """The words of a sentence with the start and end of the part, between signs, of each.

    A capital letter of one of the ``function_words`` also opens a part: it follows a heading
    without a full stop.
    """

    def __init__(self, words: list[Token], function_words: Collection[str]) -> None:
        self.words = words
        self.lowers = [word.lower for word in words]
        self.known = set(self.lowers)
        self.colon = len(words) - 1 - self.lowers[::-1].index(":") if ":" in self.known else -1
        self.texts = {*self.lowers[:1], *(word.text for word in words)}
        self.starts, self.ends = [0] * len(words), [len(words)] * len(words)
        start = end = 0
        for place, word in enumerate(words):
            is_break = word.text in BREAKS
            if is_break or (
                place > start
                and word.text[0].isupper()
                and word.lower in function_words
                and word.lower not in _POLITE
            ):
                self.ends[end:place] = [place] * (place - end)
                start, end = place + is_break, place
            self.starts[place] = start if not is_break else self.starts[place - 1] if place else 0
        is_closed = bool(words) and words[-1].text in {".", "!", "?"}
        self.ends[end:] = [len(words) - is_closed] * (len(words) - end)

    def lower(self, place: int) -> str:
        """Return a word in lower case; empty outside the sentence."""
        return self.lowers[place] if 0 <= place < len(self.lowers) else ""

    def part(self, low: int, high: int) -> list[str]:
        """Return the parts of a sentence from one word to another, in lower case, with at most
        ``FARTHEST`` words around.
        """
        return self.lowers[
            max(self.starts[low], low - FARTHEST) : min(self.ends[high], high + FARTHEST)
        ]
