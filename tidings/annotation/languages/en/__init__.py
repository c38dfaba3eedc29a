"""English."""

import re

from tidings.base.languages.words import read_language, read_tables

# British spelling has -ise and -ize (Oxford). A wrong swap produces no English word and therefore
# matches nothing.
_ISE = re.compile(r"^(\w{3,})(is|iz)(e|ed|es|ing|er|ers|ation|ations|ational)$")
_YSE = re.compile(r"^(\w{3,})(ys|yz)(e|ed|es|ing|er|ers)$")
# A list, because a general rule would turn "four" into "for".
_BY_STEM = {
    word: other
    for pair in read_tables("en/spellings.toml").items()
    for word, other in (pair, pair[::-1])
}


def spellings(word: str) -> list[str]:
    """Return a folded word, and its British or American spelling if that differs."""
    for pattern, swap in ((_ISE, {"is": "iz", "iz": "is"}), (_YSE, {"ys": "yz", "yz": "ys"})):
        if match := pattern.match(word):
            return [word, match[1] + swap[match[2]] + match[3]]
    for stem, other in _BY_STEM.items():
        if word in (stem, stem + "s", stem + "ed", stem + "ing", stem + "al"):
            return [word, other + word[len(stem) :]]
    return [word]


def inflections(word: str) -> list[str]:
    """Return plural and verb forms: policies; taxes, taxed, taxing; decarbonized."""
    if len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou":
        return [word[:-1] + "ies", word[:-1] + "ied", word + "ing"]
    if word.endswith("e"):
        return [word + "s", word + "d", word[:-1] + "ing"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [word + "es", word + "ed", word + "ing"]
    return [word + "s", word + "ed", word + "ing"]


LANGUAGE = read_language("en", spellings=spellings, inflections=inflections)
