"""German."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidings.base.languages.word_lists import SpeakerWords
from tidings.base.languages.words import read_language, read_record, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    return {
        f"{noun}{ending}": noun
        for noun in nouns
        for ending in ("s", "es")
        if not noun.endswith(("e", "in", "ung"))
    }


def _datives(nouns: Iterable[str], *endings: str) -> dict[str, str]:
    """Return plural nouns by their datives: Händlern, Kreisen."""
    return {f"{noun}n": noun for noun in nouns if noun.endswith(endings)}


def _read_speakers() -> SpeakerWords:
    """Return the words of speakers with genitives, and with the datives of groups; ``declined``
    maps these forms, of words and endings, to the nominative.
    """
    listed = read_record(SpeakerWords, read_tables("de/words.toml")["speakers"])
    genitives = {
        form: (noun, kind)
        for ending, kind in listed.endings.items()
        if kind != "collective"
        for form, noun in _genitives([ending]).items()
    }
    groups = [ending for ending, kind in listed.endings.items() if kind == "collective"]
    roles = [ending for ending, kind in listed.endings.items() if kind == "role"]
    datives = _datives(groups, "e", "er") | _datives([*roles, *listed.roles], "er")
    people = _datives(listed.collectives, "e", "er")
    named = _genitives(listed.roles), _genitives(listed.bodies)
    declined = {form: noun for form, (noun, _) in genitives.items()} | datives | people
    declined |= named[0] | named[1]
    return SpeakerWords(
        **vars(listed)
        | {
            "roles": listed.roles | named[0].keys(),
            "bodies": listed.bodies | listed.places | named[1].keys(),
            "collectives": listed.collectives | people.keys(),
            "endings": dict.fromkeys(datives, "collective")
            | listed.endings
            | {form: kind for form, (_, kind) in genitives.items()},
            "declined": listed.declined
            | {
                form: noun
                for form, noun in declined.items()
                if form not in listed.roles | listed.bodies | listed.collectives
                and form not in listed.endings
            },
        }
    )


LANGUAGE = read_language(
    "de", speakers=_read_speakers(), spellings=spellings, inflections=inflections
)
