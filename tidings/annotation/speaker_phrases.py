"""Return the name, kind and gender of the speaker that a noun phrase states."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from tidings.annotation.known_names import MAX_NAME_LENGTH, VON, KnownNames
from tidings.annotation.speaker_cases import Nominative
from tidings.annotation.speaker_nouns import (
    COMPANIES,
    SpeakerNouns,
    given_name_gender,
    given_name_in,
)
from tidings.annotation.tokens import Token, lower_texts, span_of, text_of, trim
from tidings.base.languages.record import Language
from tidings.base.languages.word_lists import FEMALE, SpeakerWords
from tidings.base.languages.words import words

_OF = words("de d' di from von")
_OF_THE = words("del della dell' dello delle dei degli der des du vom")
"""Words between a document and its author."""
_NATIONAL = ("ish", "an", "ese", "i", "new", "prior")
"""Endings of a single word before a document that is no author: a Danish study."""
NEUTER, PLURAL = "neuter", "plural"
"""Genders to which "it" and "they" refer."""
_NO_TOKEN = Token(0, 0, ".", ".")
_ATTRIBUTE = re.compile(r"-(?:[a-z]+ed|led|run|born|old|owned)$")


class Person(NamedTuple):
    """A speaker as written: name, kind of ``KINDS`` or "pronoun", 0-based offsets, and the gender
    that the text states; that of a body is the gender of its article.

    ``role`` is the noun of an office or kind of body beside a name, or the head of a role; empty if
    there is none.
    ``is_known``: a list contains the head noun. ``person_id``: the listed person.
    """

    name: str
    kind: str
    start: int
    end: int
    gender: str | None = None
    role: str = ""
    is_known: bool = True
    person_id: str | None = None


class SpeakerPhrases(SpeakerNouns):
    """Read the noun phrases of one language."""

    def __init__(self, words: SpeakerWords, language: Language, stops: Collection[str]) -> None:
        super().__init__(words, language, stops)
        self._joining = {*language.joining, ","}
        self._things = words.not_speakers - words.documents
        self._no_speakers = self._no_names - words.documents | self._things
        self._country_genitives = {f"{name}s" for name in self._countries}
        self._cases = Nominative(words, self.kind_of, self._no_names) if self.is_german else None

    def read(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        """Return the speaker of a noun phrase, or None if it cannot speak."""
        tokens = self._without_home(trim(tokens))
        phrase = self._read(tokens, names)
        if phrase is None or phrase.kind in {"role", "pronoun"}:
            return phrase
        if not self._words.deictics.isdisjoint(lower_texts(tokens[:2])):
            return phrase._replace(name=text_of(tokens), kind="unnamed")  # il nostro Paese
        # the words before a short name in brackets: Lindmar Port Programme (LPP)
        kinds = map(self._kind_in_name, reversed(names.introduced.get(phrase.name, ())))
        kind = next(filter(None, kinds), "norm" * self._is_norm(tokens, phrase))
        return (
            None if kind == "norm" else phrase._replace(is_known=phrase.is_known or kind == "body")
        )

    def _read(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        word = tokens[0].lower.partition("'")[0]
        if len(tokens) == 1 and word in self._words.pronouns:
            name = tokens[0].text.partition("'")[0].lstrip("-").removeprefix("t-")
            return Person(name, "pronoun", *span_of(tokens), self.gender_of(word))
        if len(tokens) > 1:
            tokens = self._without_opening(tokens, names)
        elif self._is_no_name(tokens[0], names):
            return None
        return (
            self._ending_with_name(tokens, names)
            or self._issuer(tokens, names)
            or self._described(tokens)
        )

    def _is_norm(self, tokens: Sequence[Token], phrase: Person) -> bool:
        """Return whether a name is that of a law or programme: the Port Act."""
        norms = self._words.norms
        *first, last = phrase.name.lower().split()
        is_named = first[1:] or (first and self._has_article(tokens))
        is_norm = is_named and last in norms & self._words.not_speakers
        return bool(is_norm) or first[:1] == ["lex"]

    def _kind_in_name(self, word: str) -> str:
        """Return "norm" for the noun of a law or programme, and the kind of a capitalised noun."""
        lower, norms = word.lower(), self._words.norms
        kind = self.kind_of(lower) if word[0].isupper() else ""
        is_compound = self.is_german and lower.endswith(tuple(norms))
        return kind or "norm" * (is_compound or lower in norms)

    def _owned(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        """Return the office before its owner: Sprecher Musters."""
        *office, owner = tokens
        is_owner = self._role_before(office[-1:]) and names.is_genitive(owner.text)
        phrase = self._described(office) if is_owner else None
        return phrase and phrase._replace(name=f"{phrase.name} {owner.text}", end=owner.end)

    def _issuer(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        """Return whose document a phrase names: a Port Ministry statement, not a Danish study."""
        lowers = lower_texts(tokens)
        place = next((at for at, low in enumerate(lowers) if self.is_document(low)), None)
        if place is None or self._role_before(tokens[place + 1 : place + 2]):  # a law professor
            return None
        part = trim(self._issuing(tokens, place))
        phrase = (self._named(part, names) or self._described(part)) if part else None
        if phrase is None or phrase.kind != "body":
            phrase = self._author(tokens[place + 1 :], names)
        return phrase and phrase._replace(role=lowers[place])

    def _ending_with_name(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        """Return the speaker whose name ends a phrase, unless an office of a country or a document
        opens it: Bericht der OSZE.
        """
        first, *behind = tokens[self._has_article(tokens) :]
        is_common = self.is_german or first.text.islower()
        has_author = is_common and not (_OF | _OF_THE).isdisjoint(lower_texts(behind))
        may_write = has_author or self._words.is_head_first
        is_document = may_write and self.is_document(first.lower)
        is_office = self._head_end(tokens) < len(tokens)
        if is_document or is_office or not _is_name(tokens[-1]):
            return None
        return self._owned(tokens, names) or self._named(tokens, names)

    def _author(self, behind: Sequence[Token], names: KnownNames) -> Person | None:
        """Return the author behind a document: rapporto annuale | dell'Ufficio dei porti."""
        for at, token in enumerate(behind[:-1]):
            if token.lower not in _OF | _OF_THE:
                continue
            is_of = token.lower in _OF
            is_bare = is_of and behind[at + 1].lower not in self._words.determiners
            part = trim(behind[at + is_of :])
            phrase = self._ending_with_name(part, names) or self._described(part)
            if phrase and self._may_write(phrase, is_bare=is_bare):
                return phrase._replace(is_known=True)
        return None

    @staticmethod
    def _may_write(phrase: Person, *, is_bare: bool) -> bool:
        """Return whether a phrase may be an author; without an article not a single word, which may
        be a place: la dichiarazione di Lindmar.
        """
        is_acronym = phrase.name.isupper()
        is_sure = (phrase.is_known or is_acronym) and phrase.kind in {"body", "role", "person"}
        return is_sure and (not is_bare or is_acronym or " " in phrase.name)

    def _issuing(self, tokens: Sequence[Token], place: int) -> Sequence[Token]:
        """Return the name or owner before a document; empty if there is none."""
        start = self._has_article(tokens)
        owners = (at + 1 for at in range(start, place) if tokens[at].text.endswith("'s"))
        end = next(owners, 0)
        part = tokens[start : end or place]
        is_national = len(part) == 1 and (not part[0].start or part[0].lower.endswith(_NATIONAL))
        if not part or (is_national and not end):
            return []
        return part if _is_name(part[-1]) else []

    def _without_home(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Return a person's name without the body behind it: Dr. Anna Muster of the Port Bank."""
        named = tokens[self._has_article(tokens) :]
        texts = _texts(named)
        end = next((at for at, text in enumerate(texts) if not text[0].isupper()), 0)
        first = int(named[0].lower in self._words.titles)
        name = " ".join(texts[first:end])
        is_named = 1 < end < len(named) - 1 and named[end].lower in self._words.linking
        is_person = is_named and not any(map(self.kind_of, name.lower().split()))
        return named[:end] if is_person and (first or given_name_gender(name)) else tokens

    def _named(self, tokens: Sequence[Token], names: KnownNames) -> Person | None:
        """Return the person or body that the last capitalised words name."""
        is_group = any(token.lower.endswith("innen") for token in tokens)  # Leserinnen und Leser
        is_noun = is_group or self.kind_of(tokens[-1].lower) not in {"", "body"}
        if is_noun and not given_name_gender(text_of(tokens[-2:])):
            return None
        whole = self._capitalised(tokens)
        run = _behind_heading(self._without_office(whole, tokens[: -len(whole)], names.full))
        before = tokens[: -len(run)]
        beside = lower_texts((*before[-1:], run[0]))
        has_article = not self._words.determiners.isdisjoint(beside)
        is_listed = self._names_body(whole, run)
        if tail := self._behind_title(run):
            run, is_listed, before = tail, False, tokens[: -len(tail)]
        elif self._is_governed(before):
            # the head of the phrase is before the preposition: the ministry of Trade, officials in
            # Paris
            return None
        run = self._cases.of_person(run, names.full) if self._cases else run
        named, description = self._without_description(tokens, run)
        is_known = names.knows(run)
        if description or self._is_body(before, run, is_listed, is_known, has_article):
            return self._named_body(tokens, run, named, description)
        genders = self._feminine_article(before), *map(self.gender_of, lower_texts(before))
        gender = next(filter(None, genders), None)
        return Person(text_of(run), "person", *span_of(run), gender, self._role_before(before))

    def _is_no_name(self, token: Token, names: KnownNames) -> bool:
        """Return whether the only word of a phrase is a verb or common word: Added: "No."."""
        is_other = token.start or token.text in names.full or self.kind_of(token.lower)
        is_word = token.lower in self._no_speakers or self._is_common(token, names)
        return is_word and not is_other

    def _is_common(self, token: Token, names: KnownNames) -> bool:
        """Return whether a word only has a capital because it opens a sentence."""
        return not (token.start or self.is_german) and names.is_common(token.text)

    def _without_opening(self, tokens: Sequence[Token], names: KnownNames) -> Sequence[Token]:
        """Return a phrase without the word before a name that opens its sentence: Now | Lindmar."""
        first, second = tokens[:2]
        no_openings = self._words.determiners | self._words.titles
        is_other = self.is_german or first.lower in no_openings or self.kind_of(first.lower)
        is_word = first.lower in self._no_names or self._is_common(first, names)
        is_before = is_word and not (first.start or is_other) and names.begins(second.text)
        return tokens[1:] if is_before else tokens

    def _named_body(
        self,
        tokens: Sequence[Token],
        run: Sequence[Token],
        named: Sequence[Token],
        description: str,
    ) -> Person | None:
        is_common = self.is_german and tokens[0].lower.startswith("ein")
        if is_common and not self.kind_of(run[0].lower):  # ein Familienvater
            return self._described(tokens)
        if len(run) == 1 and not self.is_german and run[0].lower in self._things:
            return None
        kind = self._body_or_document(run[0]) if len(run) == 1 else "body"
        gender = self._gender_of_article(tokens) if kind == "body" else None
        is_listed = self.kind_of(run[-1].lower) == "body"
        is_sure = any((is_listed, kind == "unnamed", len(run) > 1, not self.is_german))
        name = self._name(tokens, named, tokens[-1])
        return Person(name, kind, *span_of(named), gender, description, is_sure)

    def _without_description(
        self, tokens: Sequence[Token], run: Sequence[Token]
    ) -> tuple[Sequence[Token], str]:
        """Return the name of a body without its article and a noun for its kind, and that noun:
        the airline Hallberg Air, die Zeitung Hafenblatt.
        """
        named = tokens[self._has_article(tokens) :]
        is_plain = self._is_plain(named[: -len(run)])
        endings = self._words.describing
        nouns = [
            at
            for at, one in enumerate(named[:-1])
            if one.text[0].isupper() == self.is_german
            and one.lower.removesuffix("s").endswith(endings)
        ]
        if not nouns:
            return run if is_plain else named, ""
        place, is_first = nouns[-1], True
        if self.is_german:  # Reporter des Senders X
            run = named[place + 1 :]
            is_first = not any(map(self.kind_of, lower_texts(named[:place])))
        return run if is_first else named, named[place].lower

    def _is_plain(self, before: Sequence[Token]) -> bool:
        """Return whether only an attribute precedes a name: la japonesa | Toyota, des von der Miliz
        geführten | Hafenamts.
        """
        lowers = lower_texts(before)
        if self.is_german:
            return not self._words.linking.isdisjoint(lowers[:1])
        is_small = not any(map(_is_name, before))
        return is_small and not any(map(self.kind_of, lowers))

    def _name(self, tokens: Sequence[Token], named: Sequence[Token], noun: Token) -> str:
        """Return the words of a name with this head noun; German ones in the nominative."""
        article = tokens[0].lower if self._has_article(tokens) else ""
        return self._cases.of_phrase(article, named, noun) if self._cases else text_of(named)

    def _role_before(self, before: Sequence[Token]) -> str:
        lowers = reversed(lower_texts(before))
        return next((lower for lower in lowers if self.kind_of(lower) == "role"), "")

    def _is_body(
        self,
        before: Sequence[Token],
        run: Sequence[Token],
        is_listed: bool,
        is_known: bool,
        has_article: bool,
    ) -> bool:
        """Return whether a name is that of a body. ``is_listed``: it contains a noun of bodies;
        ``is_known``: it ends with a surname or is a given name.
        """
        titles = self._words.titles.intersection(lower_texts(before[-1:]))
        if titles or self._role_before(before):
            return is_listed and not is_known
        if is_known:
            return has_article
        is_named = self.is_german and given_name_gender(text_of(run))
        return is_listed or len(run) == 1 or (has_article and not is_named)

    def _capitalised(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Return the words at the end of a phrase that may be a name."""
        if " ".join(lower_texts(tokens[:-1])) in VON:
            return tokens
        first = last = len(tokens) - 1
        while first and self._may_be_name(tokens, first - 1):
            first -= 1
        around = {tokens[0].lower, *_texts(tokens[2:3])}
        if self.is_german and first == 1 and last > 2 and around <= self._words.determiners:
            first = 3  # die Gründer der | Stiftung
        while first < last and tokens[first].lower in self._words.name_particles:
            first += 1
        return tokens[first:]

    def _behind_title(self, run: Sequence[Token]) -> Sequence[Token]:
        """Return the name of a person behind the last title; empty if there is none."""
        titles = [place for place, token in enumerate(run[:-1]) if self.is_title(token.lower)]
        if not titles:
            return []
        tail = run[titles[-1] + 1 :]
        # Police Chief | Art Acevedo
        is_attribute = len(tail) == 1 and run[titles[-1]].lower in self._words.attributes
        return [] if is_attribute or self._names_body(tail, tail) else tail

    def _names_body(self, whole: Sequence[Token], run: Sequence[Token]) -> bool:
        """Return whether words contain the noun of a body, or end with an acronym or a country. In
        German, the words before the name also count unless it is a person's: ``whole``.
        """
        is_whole = self.is_german and not given_name_gender(text_of(run))
        # not Italiens Präsident
        lowers = lower_texts(whole if is_whole else run)
        nouns = {*lowers[:-1]} - self._country_genitives | {lowers[-1]}
        last = run[-1]
        return (
            "body" in map(self.kind_of, nouns)
            or self.is_acronym(last.text)
            or last.lower in COMPANIES
            or " ".join(lowers[-len(run) :]) in self._countries
        )

    def _is_governed(self, before: Sequence[Token]) -> bool:
        """Return whether a preposition precedes a name: chercheuse à l'EPF."""
        linking = self._words.linking
        lowers = lower_texts(before) or [""]
        is_inner = not linking.isdisjoint(lowers[1:-1])
        # l'attacco alla ditta | Hallberg
        head = self._role_before(before) or self.kind_of(lowers[self._has_article(before)])
        if lowers[-1] in self._joining or (is_inner and self._words.is_head_first and not head):
            return is_inner
        heads = [*filter(self._is_no_attribute, before[1:])]
        # der, which is also a genitive
        return (
            heads[-1].lower in linking if heads else lowers[0] in linking - self._words.determiners
        )

    def _is_no_attribute(self, token: Token) -> bool:
        """Return whether a word is no determiner or German adjective: Rat der alten | Fischer."""
        is_attribute = self.is_german or token.lower in self._words.determiners
        return token.lower in self._words.linking or not (token.text.islower() and is_attribute)

    def _without_office(
        self, run: Sequence[Token], before: Sequence[Token], surnames: Mapping[str, str]
    ) -> Sequence[Token]:
        """Return the name behind an office: président de la Confédération | Alain Berset."""
        is_office = "role" in map(self.kind_of, lower_texts(before))
        if is_office and self._is_governed(before) and (first := given_name_in(_texts(run))):
            return run[first:]
        full = surnames.get(run[-1].text, "").split()
        if len(full) > 1 and _texts(run[-len(full) :]) == full:
            return run[-len(full) :]
        ends = (
            place
            for place, token in enumerate(run[:-2] if is_office else (), start=1)
            if self.kind_of(token.lower) or self.is_acronym(token.text)
        )
        return run[max(ends, default=0) :]

    def _may_be_name(self, tokens: Sequence[Token], place: int) -> bool:
        token, before = tokens[place], tokens[place - 1] if place else _NO_TOKEN
        if place > 1 and before.text in self._words.name_particles:
            before = tokens[place - 2]  # Anna von der Muster
        if token.text.endswith(("'s", "s'")) or _ATTRIBUTE.search(token.text):
            return False
        is_particle = token.lower in self._words.name_particles and before.text[0].isupper()
        if token.text[0].isupper():
            return is_particle or token.lower not in self._words.determiners
        return is_particle and not self.kind_of(before.lower)

    def _has_article(self, tokens: Sequence[Token]) -> bool:
        return len(tokens) > 1 and tokens[0].lower in self._words.determiners

    def _described(self, tokens: Sequence[Token]) -> Person | None:
        """Return a role, body or group by its head noun."""
        while len(tokens) > 1 and (tokens[-1].text.isdecimal() or tokens[-1].lower in _OF_THE):
            tokens = tokens[:-1]  # der Sender „Kanal 10“, il rapporto del 3 maggio
        _words, start = self._words, int(self._has_article(tokens))
        lowers = lower_texts(tokens)
        kinds, noun = self._find_head(tokens, lowers, start)
        kind = self.kind_of(noun.lower)
        head = lowers[-1] if kind == "unnamed" else noun.lower  # uno de los hechos
        if head in self._things:
            return None
        is_known = bool(kind) or self.is_document(noun.lower)
        kind = self._kind_of_head(kind, lowers[0], noun, kinds)
        named = tokens[0 if kind == "unnamed" else start :]
        article = self._gender_of_article(tokens)
        genders = {"body": article, "role": self._feminine_article(tokens)}
        gender = self.gender_of(noun.lower) or genders.get(kind)
        role = noun.lower if kind == "role" else ""
        name = self._name(tokens, named, noun)
        return Person(name, kind, *span_of(named), gender, role, is_known)

    def _kind_of_head(self, kind: str, first: str, noun: Token, kinds: Sequence[str]) -> str:
        """Return the kind of a head noun, its plural, or the last word before it with one."""
        article = self._words.article_genders.get(first)
        is_singular = article == FEMALE and noun.lower.endswith("e")  # die Beauftragte
        is_woman = is_singular or self.gender_of(noun.lower) == FEMALE  # die Ministerin
        if kind == "role" and first in self._words.plurals and not is_woman:
            return "collective"
        if not kind and noun.lower.endswith("s"):
            return "collective"
        if kind == "body":
            return self._body_or_document(noun)
        return kind or next(filter(None, reversed(kinds)), "unnamed")

    def _body_or_document(self, noun: Token) -> str:
        """Return the kind of a noun of bodies: a report or guideline does not state who speaks, and
        banks are a group.
        """
        if self.is_document(noun.lower) or self.is_document(noun.lower.removesuffix("s")):
            return "unnamed"
        is_plural = noun.text.islower() and noun.lower not in self._words.bodies
        return "collective" if is_plural else "body"

    def _find_head(
        self, tokens: Sequence[Token], lowers: list[str], start: int
    ) -> tuple[list[str], Token]:
        """Return the kinds of the words before a preposition, and the head noun."""
        words, end = self._words, self._head_end(tokens)
        end = next((at for at in range(start + 1, end) if lowers[at] in words.linking), end)
        kinds = list(map(self.kind_of, lowers[start:end]))
        if not words.is_head_first:
            return kinds, tokens[end - 1]
        return kinds, next(compress(tokens[start:end], kinds), tokens[start])

    def _head_end(self, tokens: Sequence[Token]) -> int:
        """Return the end of a phrase without countries: Minister | Italiens."""
        end = len(tokens)
        while end > 1 and tokens[end - 1].lower.removesuffix("s") in self._countries:
            end -= 1
        is_role = self.is_german and self.kind_of(tokens[end - 1].lower) == "role"
        return end if is_role else len(tokens)

    def _feminine_article(self, tokens: Sequence[Token]) -> str | None:
        """Return FEMALE behind "la"; "le ministre" does not show a man."""
        gender = self._gender_of_article(tokens) if self._words.is_head_first else None
        return gender if gender == FEMALE else None

    def _gender_of_article(self, tokens: Sequence[Token]) -> str | None:
        return self._words.article_genders.get(tokens[0].lower) if len(tokens) > 1 else None


def _behind_heading(run: Sequence[Token]) -> Sequence[Token]:
    """Return capitalised words without a heading before them that has no full stop."""
    is_long = len(run) > MAX_NAME_LENGTH and run[0].start == 0
    return run[given_name_in(_texts(run)) :] if is_long else run


def _is_name(token: Token) -> bool:
    """Return whether a word has a capital, and is no attribute: Lindmar-based."""
    return token.text[0].isupper() and not _ATTRIBUTE.search(token.text)


def _texts(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]
