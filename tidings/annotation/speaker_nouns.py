"""The kind and gender of the nouns that name a speaker, and whether words are a person's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from babel import Locale

from tidings.annotation.plain_text import without_accents
from tidings.annotation.tokens import longest_ending
from tidings.base.languages.record import Language
from tidings.base.languages.word_lists import FEMALE, MALE, SpeakerWords
from tidings.base.languages.words import given_names, read_tables, words

COMPANIES = words(read_tables("companies.toml")["endings"])
_ADJECTIVE = re.compile(r"(?:bar|end|haft|ig|lich|los|sam|sch|voll)(?:e[mnrs]?)$")
_MAX_ACRONYM_LENGTH = 6


class SpeakerNouns:
    """The nouns of one language. No name begins with a word of ``stops``."""

    def __init__(self, words: SpeakerWords, language: Language, stops: Collection[str]) -> None:
        self._words = words
        self._no_names = (
            frozenset(stops) | words.titles | words.determiners | words.linking | words.pronouns
        )
        self._countries = {name.lower() for name in Locale(language.code).territories.values()}
        self.is_german = language.has_capital_nouns
        self._documents = tuple(words.documents)
        plurals = dict.fromkeys([f"{noun}s" for noun in words.bodies], "body")
        plurals |= dict.fromkeys([f"{noun}s" for noun in words.roles], "collective")
        self._kinds = plurals | words.kinds
        self._genders = dict.fromkeys(words.male, MALE) | dict.fromkeys(words.female, FEMALE)
        self.kind_of = lru_cache(maxsize=1 << 13)(self._find_kind)
        self.person_in = lru_cache(maxsize=1 << 12)(self._find_person)

    def _find_kind(self, word: str) -> str:
        endings = self._words.endings
        return self._kinds.get(word) or endings.get(longest_ending(word, endings), "")

    def gender_of(self, word: str) -> str | None:
        """Return the gender that a noun shows, or None."""
        is_female = word.endswith(self._words.female_endings) and self.kind_of(word) == "role"
        return self._genders.get(word, FEMALE if is_female else None)

    def gender_of_title(self, word: str) -> str | None:
        """Return the gender of the person behind a lower-case title or office, or None."""
        return self.gender_of(word) if self.is_title(word) else None

    def role_in(self, words: Sequence[str]) -> str:
        """Return the office before a name with only titles behind it: consigliere federale."""
        for word in map(str.lower, reversed(words)):
            if self.kind_of(word) == "role":
                return word
            if word not in self._words.titles | self._words.linking:
                break
        return ""

    def is_title(self, word: str) -> bool:
        """Return whether a lower-case word is a title or an office."""
        # SP-Nationalrat
        return word.rpartition("-")[2] in self._words.titles or self.kind_of(word) == "role"

    def _is_honorific(self, word: str) -> bool:
        """Return whether only names of people follow a word: mr, senatorin."""
        is_person = self.is_german or self.gender_of(word) is not None
        return is_person and self.is_title(word)

    def is_document(self, lower: str) -> bool:
        """Return whether a noun or the end of a German compound is a document: Zwischenbericht."""
        is_compound = self.is_german and lower.endswith(self._documents)
        return is_compound or lower in self._words.documents

    def is_acronym(self, text: str) -> bool:
        """Return whether a word consists of few capitals: WHO, U.S."""
        letters = text.replace(".", "")
        return letters.isupper() and 1 < len(letters) <= _MAX_ACRONYM_LENGTH

    def may_be_short(self, name: str) -> bool:
        """Return whether a name of a body is one word and no country."""
        return " " not in name and name.lower() not in self._countries

    def may_be_company(self, name: str) -> bool:
        """Return whether the name of a body contains no noun of other bodies, and is no country."""
        words = name.lower().split()
        is_plain = not any(map(self.kind_of, words)) and name.lower() not in self._countries
        return words[-1] in COMPANIES or is_plain

    def may_be_surname(self, name: str) -> bool:
        """Return whether a name is one word in no list, and no acronym."""
        return name.isalpha() and self.may_be_company(name)

    def without_stops(self, name: str) -> str:
        """Return a name without the function words before it."""
        words = name.split()
        while len(words) > 1 and words[0].lower() in self._no_names:
            del words[0]
        return " ".join(words)

    def may_precede(self, words: Sequence[str]) -> bool:
        """Return whether words may precede the name of a subject."""
        lower = [word.lower() for word in words]
        if lower and lower[-1] in self._words.linking:
            return False
        allowed = self._words.titles | self._words.determiners | self._words.linking
        return all(
            word[0].isupper()
            or low in allowed
            or self.kind_of(low) == "role"
            # die frühere Ministerin
            or (self.is_german and before in self._words.determiners)
            for word, low, before in zip(words, lower, ["", *lower], strict=False)
        )

    def _find_person(self, text: str) -> Sequence[str]:
        """Return the full name in capitalised words, or the surname behind a title; else empty."""
        written, lower = text.split(), text.lower().split()
        first = self._first_of_name(written, lower)
        name = [word.removesuffix("'s").rstrip("'") for word in written[first:]]
        if self.is_german:
            name = _without_attribute(name, self._countries)
        before = lower[max(first - 1, 0) : first]
        if len(name) < 2 and not (name and any(map(self._is_honorific, before))):
            return []
        opening = lower[0] if self.is_german and not first else ""
        is_other = (
            bool(_ADJECTIVE.search(opening)),
            not self._words.determiners.isdisjoint(before),
            self._names_thing(name),
        )
        return [] if any(is_other) else name

    def _first_of_name(self, written: Sequence[str], lower: Sequence[str]) -> int:
        # Senators Anna Muster and …
        titles = ((word, word.removesuffix("s")) for word in lower)
        places = (at for at, forms in enumerate(titles, 1) if any(map(self.is_title, forms)))
        first = max(places, default=0)
        while first < len(lower) and (
            lower[first] in self._no_names or (written[first].isupper() and lower[first][-1] != ".")
        ):
            first += 1
        return first

    def _names_thing(self, name: Sequence[str]) -> bool:
        lower = [word.lower() for word in name]
        return any(
            (
                lower[-1] in COMPANIES,
                any(map(self.kind_of, lower)),
                " ".join(lower) in self._countries,
                lower[0] in {"n.", "s."} and f"north {lower[-1]}" in self._countries,
                self.is_acronym(name[-1]),
                len(name[-1]) < 3,
                lower[-1] in self._words.not_speakers,
            )
        )


def given_name_in(name: Sequence[str]) -> int:
    """Return the first place of a full name with a given name: du Village | Anna Muster; else 0."""
    places = range(len(name) - 1)
    return next((at for at in places if given_names().get(without_accents(name[at]).lower())), 0)


def _without_attribute(name: list[str], countries: Collection[str]) -> list[str]:
    """Return a German name without the attribute before or behind it, or a country behind (hat Anna
    Muster Polen besucht); empty if there is no name.
    """
    name = name[: -1 if name[2:] and name[-1].lower() in countries else None]
    parts = [at for at, word in enumerate(name) if word[0].islower()]
    if not parts:
        return name[given_name_in(name) :]
    if parts[0] > 1:
        name = name[: parts[0]]
        return name[given_name_in(name) :]
    behind = name[parts[-1] + 1 :]
    if given_name_gender(" ".join(behind)):
        return behind
    # die Zukunft der Arbeit
    joined = " ".join(name[parts[0] : parts[-1] + 1])
    return [] if joined in {"der", "den", "von"} else name


def given_name_gender(name: str) -> str | None:
    """Return the gender of almost all people with the given name of a full name, or None."""
    first, _, rest = name.partition(" ")
    return given_names().get(without_accents(first).lower()) if rest else None
