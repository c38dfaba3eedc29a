"""Split a sentence into words and signs, for languages with spaces."""

from __future__ import annotations

import re
from typing import NamedTuple

# A word may contain hyphens, apostrophes and inner full stops: Baume-Schneider, O'Neill, U.S., 1.5. A French or Italian article
# or preposition written together with its noun is a word of its own: l'|ambassadeur, dell'|economia.
_TOKEN = re.compile(
    r"(?:[Ll]|[Dd]|[Jj]|[Mm]|[Nn]|[Ss]|[Cc]|[Tt]|[Qq]u|[Uu]n|[Dd]ell|[Aa]ll|[Nn]ell|[Dd]all|[Ss]ull|[Cc]oll|[Cc]om|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)'(?=[^\W\d_])"
    r"|(?:Mrs|Mr|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|Sgt|St|Hon|Rev|Jr|Sr|Mme|Mmes|Mlle|MM|sig|dott|on)\.(?=\s)"
    r"|[A-Z]\.(?=[\s,])"
    r"|-(?:t-)?(?:ils?|elles?|on)\b"
    r"|\w+(?:(?:[-](?!(?:t-)?(?:ils?|elles?|on)\b)|['’.&/])\w+)*(?:\.(?=[\w,]))?"
    r"|''|[^\w\s]"
)


class Token(NamedTuple):
    """A word or sign of a sentence: 0-based offsets, end exclusive, the text and its lower case."""

    start: int
    end: int
    text: str
    lower: str


def tokenize(sentence: str) -> list[Token]:
    """Return the words and signs of a sentence in order. ``sentence`` must be the result of ``make_plain``."""
    return [Token(hit.start(), hit.end(), hit[0], hit[0].lower()) for hit in _TOKEN.finditer(sentence)]
