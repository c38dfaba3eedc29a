"""Return the name, kind and gender of the speaker that a noun phrase states."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tidings.annotation.tokens import span_of, text_of, trim
from tidings.base.languages.speaker_words import FEMALE, MALE
from tidings.base.languages.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tidings.annotation.known_names import KnownNames
    from tidings.annotation.tokens import Token
    from tidings.base.languages.speaker_words import SpeakerWords

_MAX_ACRONYM_LENGTH = 6
_ADJECTIVE_ENDINGS = ("sche", "scher", "sches", "schen")
"""Endings of adjectives that begin the name of a German body: Süddeutsche Zeitung."""
_COMPANIES = words(
    "gmbh ag sa sàrl sarl srl spa ltd inc llc plc kg nv bv ab oy asa corp holding"
    " group campus lab labs"
)
"""Endings of the names of companies and institutes in any language."""
_MARKS = ".,;:!?()\"'“”„«»‘"
_VON = (["von", "der"], ["von", "den"], ["van", "der"], ["van", "den"])
_ELIDED = re.compile(r"[A-Z]\w{0,5}'[a-z]")  # All'epoca


class Phrase(NamedTuple):
    """A speaker as written: name, kind of ``KINDS`` or "pronoun", 0-based offsets, and the gender
    that the text states.

    The gender of a body is that of its article, to which a pronoun refers in French and Italian.

    ``role`` is the lower-case noun of the office beside a person's name, or the head of a role;
    empty if there is none. ``is_known`` is False if no list contains the head noun, so that it may
    be no speaker at all.
    """

    name: str
    kind: str
    start: int
    end: int
    gender: str | None = None
    role: str = ""
    is_known: bool = True


class SpeakerPhrases:
    """Read the noun phrases of one language.

    ``countries`` are lower-case names of countries, which are bodies. Names never begin with a word
    of ``stops``.
    """

    def __init__(
        self,
        words: SpeakerWords,
        countries: Collection[str] = (),
        stops: Collection[str] = (),
        *,
        joining: Collection[str] = (),
        has_capital_nouns: bool = False,
    ) -> None:
        self._words = words
        self._joining = joining
        self._no_names = (
            frozenset(stops) | words.titles | words.determiners | words.linking | words.pronouns
        )
        self._countries = frozenset(countries)
        self._has_capital_nouns = has_capital_nouns
        self.kind_of = lru_cache(maxsize=1 << 13)(self._find_kind)
        self.person_in = lru_cache(maxsize=1 << 12)(self._find_person)
        self._lengths = sorted({len(ending) for ending in words.endings}, reverse=True)

    def read(self, tokens: Sequence[Token], names: KnownNames) -> Phrase | None:
        """Return the speaker of a noun phrase's tokens, or None if it cannot speak.

        ``names`` are the people whom the article names in full.
        """
        tokens = trim(tokens)
        if not tokens:
            return None
        if len(tokens) == 1 and tokens[0].lower.partition("'")[0] in self._words.pronouns:
            word = tokens[0].lower.partition("'")[0]
            return Phrase(
                tokens[0].text.partition("'")[0].lstrip("-").removeprefix("t-"),
                "pronoun",
                *span_of(tokens),
                self._gender_of(word),
            )
        is_office = self._head_end(tokens) < len(tokens)
        return (None if is_office else self._named(tokens, names)) or self._described(tokens)

    def _named(self, tokens: Sequence[Token], names: KnownNames) -> Phrase | None:
        """Return a person or body by name: the capitalised words at the end of the phrase, after
        titles and offices.
        """
        last = tokens[-1]
        if not last.text[0].isupper() or self.kind_of(last.lower) in {
            "role",
            "collective",
            "unnamed",
        }:
            return None
        # Von der Muster
        is_whole = self._has_capital_nouns and [token.lower for token in tokens[:-1]] in _VON
        first = 0 if is_whole else len(tokens) - 1
        while first and self._may_be_name(tokens, first - 1):
            first -= 1
        while (
            first < len(tokens) - 1
            and tokens[first].lower in self._words.name_particles
            and not is_whole
        ):
            first += 1
        surnames, whole = names.full, tokens[first:]
        run = self._without_office(whole, tokens[:first], surnames)
        first = len(tokens) - len(run)
        is_after_article = first > 0 and tokens[first - 1].lower in self._words.determiners
        has_article = is_after_article or run[0].lower in self._words.determiners
        is_listed = is_body = self._names_body(whole if self._has_capital_nouns else run, run)
        titles = [place for place, token in enumerate(run[:-1]) if self.is_title(token.lower)]
        tail = run[titles[-1] + 1 :] if titles else []
        is_office = bool(tail) and (
            len(tail) > 1 or run[titles[-1]].lower not in self._words.attributes
        )  # Police Chief | Art Acevedo
        if is_office and not self._names_body(tail, tail):
            run, is_listed, is_body = tail, False, False
        elif first > 0 and self._is_governed(tokens[:first], run):
            # the head of the phrase is before the preposition: the ministry of Trade, officials in
            # Paris
            return None
        before = tokens[: len(tokens) - len(run)]
        role = next(
            (token.lower for token in reversed(before) if self.kind_of(token.lower) == "role"), ""
        )
        is_titled = bool(role) or bool(before and before[-1].lower in self._words.titles)
        surname = run[-1].text
        if surname in surnames and not (has_article and not is_titled):
            is_body = False
        elif not is_titled and (len(run) == 1 or (has_article and not role)):
            is_body = True
        if self._has_capital_nouns and not (is_listed or is_titled or surname in surnames):
            is_body = len(run) == 1 or run[0].lower.endswith(_ADJECTIVE_ENDINGS)
        if is_body:
            start = 1 if tokens[0].lower in self._words.determiners and len(tokens) > 1 else 0
            is_known = len(run) > 1 or not self._has_capital_nouns
            return Phrase(
                text_of(tokens[start:]),
                "body",
                *span_of(tokens[start:]),
                self._gender_of_article(tokens),
                is_known=is_known,
            )
        name = surname if is_whole and surname in surnames else text_of(run)
        return Phrase(name, "person", *span_of(run), self._gender_before(before), role)

    def _gender_before(self, before: Sequence[Token]) -> str | None:
        """Return the gender that the titles and nouns before a name show; None if they show none or
        both.
        """
        genders = {self._gender_of(token.lower) for token in before} - {None}
        if self._has_feminine_article(before):
            genders.add(FEMALE)
        return genders.pop() if len(genders) == 1 else None

    def _names_body(self, tokens: Sequence[Token], run: Sequence[Token]) -> bool:
        """Return whether capitalised words contain the noun of a body, or end with an acronym or a
        country.
        """
        genitives = {
            token
            for token in tokens[:-1]
            if token.lower.endswith("s") and token.lower[:-1] in self._countries
        }
        # not Italiens Präsident
        if any(self.kind_of(token.lower) == "body" for token in tokens if token not in genitives):
            return True
        return (
            self._is_acronym(run[-1].text)
            or run[-1].lower in _COMPANIES
            or " ".join(token.lower for token in run) in self._countries
        )

    def _find_person(self, text: str) -> Sequence[str]:
        """Return the full name in a sequence of capitalised words, without titles; empty if it
        names no person.
        """
        words = text.split()
        lower = [word.lower() for word in words]
        first = max(
            (place + 1 for place, word in enumerate(lower) if self.is_title(word)), default=0
        )
        while first < len(words) and lower[first] in self._no_names:
            first += 1
        name = [word.removesuffix("'s") for word in words[first:]]
        if len(name) < 2 or lower[-1] in _COMPANIES or any(_ELIDED.match(word) for word in name):
            return []
        if (
            any(self.kind_of(word) for word in lower[first:])
            or " ".join(lower[first:]) in self._countries
        ):
            return []
        if (
            (first and lower[first - 1] in self._words.determiners)
            or self._is_acronym(name[-1])
            or len(name[-1]) < 3
        ):
            return []
        return (
            []
            if self._has_capital_nouns and not first and lower[0].endswith(_ADJECTIVE_ENDINGS)
            else name
        )

    def _is_governed(self, before: Sequence[Token], run: Sequence[Token]) -> bool:
        """Return whether a preposition precedes a name, with or without an article: chercheuse à
        l'EPF.
        """
        place = len(before) - 1
        if before[place].lower in self._joining:
            return any(token.lower in self._words.linking for token in before[1:place])
        while place > 0 and before[place].lower in self._words.determiners - self._words.linking:
            place -= 1
        # der, which is also a genitive
        is_determiner = place == 0 and before[0].lower in self._words.determiners
        return (
            before[place].lower in self._words.linking
            and not is_determiner
            and run[0].lower not in self._words.titles
        )

    def _without_office(
        self, run: Sequence[Token], before: Sequence[Token], surnames: Mapping[str, str]
    ) -> Sequence[Token]:
        """Return the name at the end of capitalised words: président de la Confédération | Alain
        Berset.

        It is a full name that the article knows, or two words after a noun behind an office.
        """
        full = surnames.get(run[-1].text, "").split()
        tail = run[-len(full) :] if full else run
        if len(full) > 1 and [token.text for token in tail] == full:
            return tail
        nouns = [
            place
            for place, token in enumerate(run[:-2])
            if self.kind_of(token.lower) or token.lower in self._no_names
        ]
        nouns += [place for place, token in enumerate(run[:-2]) if self._is_acronym(token.text)]
        if not any(self.kind_of(token.lower) == "role" for token in before):
            return run
        # segretaria di Stato | Hirayama
        is_title = len(run) > 1 and run[0].lower in self._words.titles
        return run[max(nouns) + 1 :] if nouns else run[is_title:]

    def is_title(self, word: str) -> bool:
        """Return whether a lower-case word is a title or an office."""
        # SP-Nationalrat
        return word.rpartition("-")[2] in self._words.titles or self.kind_of(word) == "role"

    def _may_be_name(self, tokens: Sequence[Token], place: int) -> bool:
        token = tokens[place]
        if (
            self._has_capital_nouns
            and place == len(tokens) - 2
            and place
            and [tokens[place - 1].lower, token.lower] in _VON
        ):
            return not self.kind_of(tokens[-1].lower) and self._may_be_name(tokens, place - 1)
        is_particle = (
            token.lower in self._words.name_particles
            and place > 0
            and tokens[place - 1].text[0].isupper()
        )
        if token.text.endswith(("'s", "s'")) or (
            token.lower in self._words.determiners and not is_particle
        ):
            return False
        return token.text[0].isupper() or (
            token.lower in self._words.name_particles
            and place > 0
            and tokens[place - 1].text[0].isupper()
            and not self.kind_of(tokens[place - 1].lower)
        )

    def _described(self, tokens: Sequence[Token]) -> Phrase | None:
        """Return a role, body or group by its head noun: the first, or in English and German the
        last before a preposition.
        """
        words = self._words
        start = 1 if tokens[0].lower in words.determiners and len(tokens) > 1 else 0
        end = self._head_end(tokens)
        head = next(
            (place for place in range(start + 1, end) if tokens[place].lower in words.linking), end
        )
        nouns = tokens[start:head] if words.is_head_first else tokens[head - 1 : head]
        noun = next((token for token in nouns if self.kind_of(token.lower)), nouns[0])
        if noun.lower in words.not_speakers or not noun.text[0].isalnum() or noun.text.isdecimal():
            return None
        kind = self.kind_of(noun.lower)
        is_known = bool(kind)
        if kind == "role" and tokens[0].lower in words.plurals:
            is_woman = words.article_genders.get(tokens[0].lower) == FEMALE and noun.lower.endswith(
                ("e", "frau")
            )
            kind = kind if is_woman or self._gender_of(noun.lower) == FEMALE else "collective"
        if not kind:
            inner = [self.kind_of(token.lower) for token in reversed(tokens[start:head])]
            kind = (
                "collective"
                if noun.lower.endswith("s")
                else next((other for other in inner if other), "unnamed")
            )
        named = tokens if kind == "unnamed" else tokens[start:]
        gender = self._gender_of(noun.lower)
        if gender is None and (
            kind == "body" or (kind == "role" and self._has_feminine_article(tokens))
        ):
            gender = self._gender_of_article(tokens)
        return Phrase(
            text_of(named),
            kind,
            *span_of(named),
            gender,
            noun.lower if kind == "role" else "",
            is_known,
        )

    def _head_end(self, tokens: Sequence[Token]) -> int:
        """Return the end of a German phrase without the countries behind an office: Minister |
        Italiens und Polens.
        """
        end = len(tokens)
        if not self._has_capital_nouns:
            return end
        while end > 1 and (
            tokens[end - 1].lower == "und"
            or tokens[end - 1].lower.removesuffix("s") in self._countries
        ):
            end -= 1
        if end > 1 and tokens[end - 1].lower in self._words.linking:
            return end
        is_genitive = (
            end < len(tokens)
            and tokens[end].lower not in self._countries
            and self.kind_of(tokens[end - 1].lower) == "role"
        )
        return end if is_genitive else len(tokens)

    def may_precede(self, words: Sequence[str]) -> bool:
        """Return whether words may precede the name of a subject: titles, an office, a determiner,
        capitalised words.
        """
        lower = [word.lower() for word in words]
        if lower and lower[-1] in self._words.linking:
            return False
        allowed = self._words.titles | self._words.determiners | self._words.linking
        return all(
            word[0].isupper() or low in allowed or self.kind_of(low) == "role"
            for word, low in zip(words, lower, strict=True)
        )

    def offices_in(self, text: str) -> list[tuple[str, int]]:
        """Return the offices without a name in a text, in lower case, with the word number: met the
        mayor. No appositions.
        """
        words = text.split()
        found = []
        for number, word in enumerate(words[1:], start=1):
            noun = word.strip(_MARKS).lower()
            if self.kind_of(noun) != "role" or (
                word[-1].isalnum()
                and words[number + 1 : number + 2]
                and words[number + 1][0].isupper()
            ):
                continue
            openings = [
                at
                for at in range(max(0, number - 3), number)
                if words[at].lower() in self._words.determiners
            ]
            if openings and not words[openings[0] - 1].endswith(",") * openings[0]:
                found.append((noun, number))
        return found

    def _find_kind(self, word: str) -> str:
        """Return the kind of a lower-case noun; empty if neither a list nor an ending contains
        it.
        """
        words = self._words
        for kind, listed in (
            ("role", words.roles),
            ("body", words.bodies),
            ("collective", words.collectives),
            ("unnamed", words.unnamed),
        ):
            if word in listed:
                return kind
        if word.endswith("s") and word[:-1] in words.roles:
            return "collective"
        if word.endswith("s") and word[:-1] in words.bodies:
            return "body"
        lengths = (
            length
            for length in self._lengths
            if length < len(word) and word[-length:] in words.endings
        )
        return next((words.endings[word[-length:]] for length in lengths), "")

    def _gender_of(self, word: str) -> str | None:
        if word in self._words.female:
            return FEMALE
        if word in self._words.male:
            return MALE
        is_female = (
            bool(self._words.female_endings)
            and word.endswith(self._words.female_endings)
            and self.kind_of(word) == "role"
        )
        return FEMALE if is_female else None

    def _has_feminine_article(self, tokens: Sequence[Token]) -> bool:
        """Return whether a French or Italian article shows a woman: la ministre. "Le ministre" does
        not show a man.
        """
        return self._words.is_head_first and self._gender_of_article(tokens) == FEMALE

    def _gender_of_article(self, tokens: Sequence[Token]) -> str | None:
        """Return the gender of the article before a noun."""
        return self._words.article_genders.get(tokens[0].lower) if len(tokens) > 1 else None

    def _is_acronym(self, text: str) -> bool:
        letters = text.replace(".", "")
        return letters.isupper() and 1 < len(letters) <= _MAX_ACRONYM_LENGTH
