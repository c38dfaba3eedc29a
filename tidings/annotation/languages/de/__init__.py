"""German."""

from __future__ import annotations

from collections.abc import Iterable

from tidings.base.languages.word_lists import SpeakerWords
from tidings.base.languages.words import read_language, read_record, read_tables


def spellings(word: str) -> list[str]:
    """Return a folded word, and the same word with ss for ß and with ß for ss."""
    if "ss" in word or "ß" in word:
        return list(dict.fromkeys([word, word.replace("ß", "ss"), word.replace("ss", "ß")]))
    return [word]


def inflections(word: str) -> list[str]:
    """Return a word with the common endings of adjectives and nouns."""
    return [word + ending for ending in ("e", "en", "er", "es", "em", "n", "s")]


def _genitives(nouns: Iterable[str]) -> dict[str, str]:
    """Return masculine and neuter nouns by their genitives; other forms do no harm."""
    stems = [noun for noun in nouns if not noun.endswith(("e", "in", "ung"))]
    return {f"{noun}{ending}": noun for noun in stems for ending in ("s", "es")}


def _datives(nouns: Iterable[str], *endings: str) -> dict[str, str]:
    """Return plural nouns by their datives: Händlern, Kreisen."""
    return {f"{noun}n": noun for noun in nouns if noun.endswith(endings)}


def _read_speakers() -> SpeakerWords:
    """Return the words of speakers with genitives, and with the datives of groups; ``declined``
    maps these forms, of words and endings, to the nominative.
    """
    listed = read_record(SpeakerWords, read_tables("de/words.toml")["speakers"])
    ends: dict[str, list[str]] = {"role": [], "body": [], "collective": []}
    for ending, kind in listed.endings.items():
        ends[kind].append(ending)
    roles, bodies = _genitives(listed.roles), _genitives(listed.bodies)
    groups = _datives(listed.collectives, "e", "er")
    datives = _datives([*ends["role"], *listed.roles], "er") | _datives(
        ends["collective"], "e", "er"
    )
    role_ends, body_ends = _genitives(ends["role"]), _genitives(ends["body"])
    declined = role_ends | body_ends | datives | groups | roles | bodies
    own = listed.roles | listed.bodies | listed.collectives | listed.endings.keys()
    declined = {form: noun for form, noun in declined.items() if form not in own}
    return SpeakerWords(
        **vars(listed)
        | {
            "roles": listed.roles | roles.keys(),
            "bodies": listed.bodies | listed.places | bodies.keys(),
            "collectives": listed.collectives | groups.keys(),
            "endings": dict.fromkeys(datives, "collective")
            | listed.endings
            | dict.fromkeys(role_ends, "role")
            | dict.fromkeys(body_ends, "body"),
            "declined": listed.declined | declined,
        }
    )


LANGUAGE = read_language(
    "de", speakers=_read_speakers(), spellings=spellings, inflections=inflections
)
