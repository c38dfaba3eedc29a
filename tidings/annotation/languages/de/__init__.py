"""German."""

from tidings.base.languages.word_lists import SpeakerWords
from tidings.base.languages.words import read_language, read_record, read_tables, words


def spellings(word: str) -> list[str]:
    """Return a folded word, and the same word with ss for ß and with ß for ss."""
    if "ss" in word or "ß" in word:
        return list(dict.fromkeys([word, word.replace("ß", "ss"), word.replace("ss", "ß")]))
    return [word]


def inflections(word: str) -> list[str]:
    """Return a word with the common endings of adjectives and nouns."""
    return [word + ending for ending in ("e", "en", "er", "es", "em", "n", "s")]


def _genitives(nouns: frozenset[str]) -> frozenset[str]:
    """Return the genitives of masculine and neuter nouns; other forms do no harm."""
    return frozenset(
        f"{noun}{ending}"
        for noun in nouns
        for ending in ("s", "es")
        if not noun.endswith(("e", "in", "ung"))
    )


def _read_speakers() -> SpeakerWords:
    """Return the words of speakers with genitives, and with the datives of collectives."""
    listed = read_record(SpeakerWords, read_tables("de/words.toml")["speakers"])
    genitives = {
        form: kind
        for ending, kind in listed.endings.items()
        if kind != "collective"
        for form in _genitives(words(ending))
    }
    return SpeakerWords(
        **vars(listed)
        | {
            "roles": listed.roles | _genitives(listed.roles),
            "bodies": listed.bodies | listed.places | _genitives(listed.bodies),
            "collectives": listed.collectives
            | {f"{word}n" for word in listed.collectives if word.endswith(("e", "er"))},
            "endings": listed.endings | genitives,
        }
    )


LANGUAGE = read_language(
    "de", speakers=_read_speakers(), spellings=spellings, inflections=inflections
)
