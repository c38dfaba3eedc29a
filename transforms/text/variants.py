"""The spellings under which a phrase is looked for: British and American, and inflections of its last word."""

from __future__ import annotations

import re
from itertools import product

from tidings.transforms.text.folding import fold_by_definition

MOST_VARIANTS = 16
"""A phrase of several words with several spellings each: enough for every combination seen, and a bound on the automaton."""

# -ise and its family stand for -ize (Oxford spelling, both British); a wrong swap gives no English word and so hits nothing.
_ISE = re.compile(r"^(\w{3,})(is|iz)(e|ed|es|ing|er|ers|ation|ations|ational)$")
_YSE = re.compile(r"^(\w{3,})(ys|yz)(e|ed|es|ing|er|ers)$")
# Only these: a general rule would turn "four" into "for".
_PAIRS = (
    ("labour", "labor"),
    ("colour", "color"),
    ("harbour", "harbor"),
    ("neighbour", "neighbor"),
    ("favour", "favor"),
    ("behaviour", "behavior"),
    ("honour", "honor"),
    ("endeavour", "endeavor"),
    ("vapour", "vapor"),
    ("armour", "armor"),
    ("centre", "center"),
    ("theatre", "theater"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("defence", "defense"),
    ("offence", "offense"),
    ("licence", "license"),
    ("programme", "program"),
    ("modelling", "modeling"),
    ("labelling", "labeling"),
    ("travelling", "traveling"),
    ("fuelling", "fueling"),
    ("fulfil", "fulfill"),
    ("enrolment", "enrollment"),
    ("aluminium", "aluminum"),
    ("sulphur", "sulfur"),
    ("aeroplane", "airplane"),
    ("grey", "gray"),
    ("ageing", "aging"),
    ("judgement", "judgment"),
    ("paediatric", "pediatric"),
)
_BY_STEM = {word: other for pair in _PAIRS for word, other in (pair, pair[::-1])}

_ENDINGS = {
    "de": ("e", "en", "er", "es", "em", "n", "s"),
    "fr": ("s", "x", "e", "es"),
    "it": (),
}


def spell_out(phrase: str, language: str, match_type: str) -> list[str]:
    """Return the folded spellings of a phrase, its own first; ``language`` is the primary subtag, as in ``en``.

    ``inflected`` adds simple inflections of the last word: plural, -ed and -ing in English, the common endings in German,
    French and Italian. Other languages get the phrase alone.
    """
    words = fold_by_definition(phrase.strip().removesuffix("*").strip()).split(" ")
    choices = [_spellings(word, language) for word in words]
    most = MOST_VARIANTS
    if match_type == "inflected":
        choices[-1] = list(dict.fromkeys(form for word in choices[-1] for form in [word, *_inflections(word, language)]))
        most *= 8
    combined = (" ".join(words) for words in product(*choices))
    return [spelling for spelling, _ in zip(dict.fromkeys(combined), range(most), strict=False)]


def _spellings(word: str, language: str) -> list[str]:
    """Return a word and its other spellings: ss for ß and back, and in English that on the other side of the Atlantic."""
    if language == "de" and ("ss" in word or "ß" in word):
        return list(dict.fromkeys([word, word.replace("ß", "ss"), word.replace("ss", "ß")]))
    if language != "en":
        return [word]
    for pattern, swap in ((_ISE, {"is": "iz", "iz": "is"}), (_YSE, {"ys": "yz", "yz": "ys"})):
        if found := pattern.match(word):
            return [word, found[1] + swap[found[2]] + found[3]]
    for stem, other in _BY_STEM.items():
        if word in (stem, stem + "s", stem + "ed", stem + "ing", stem + "al"):
            return [word, other + word[len(stem) :]]
    return [word]


def _inflections(word: str, language: str) -> list[str]:
    """Return the simple inflections of a word, some of which no text will hold."""
    if language == "en":
        return _english(word)
    if language == "it" and word[-1:] in "aeoi":
        return [word[:-1] + vowel for vowel in "aeoi"]
    return [word + ending for ending in _ENDINGS.get(language, ())]


def _english(word: str) -> list[str]:
    """Return plural and verb forms: policy, policies; tax, taxes, taxed, taxing; decarbonize, decarbonizes, decarbonized."""
    if len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou":
        return [word[:-1] + "ies", word[:-1] + "ied", word + "ing"]
    if word.endswith("e"):
        return [word + "s", word + "d", word[:-1] + "ing"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [word + "es", word + "ed", word + "ing"]
    return [word + "s", word + "ed", word + "ing"]
