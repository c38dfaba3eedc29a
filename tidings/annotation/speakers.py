"""Find the listed people whom a text names."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, takewhile
from operator import eq
from typing import Any, NamedTuple

import ahocorasick_rs

from tidings.annotation.languages import all_languages, language
from tidings.annotation.languages.statements import Naming
from tidings.annotation.plain_text import make_plain, without_accents
from tidings.annotation.posts import Posts, Speaker
from tidings.annotation.tokens import TITLES
from tidings.base.languages import WITHOUT_SPACES, primary_language

# Only one person can hold an office that names a body, by abbreviation or in full.
_BODY = re.compile(r"\b[A-Z]{3,}\b|[Dd](?:[eé]parte?|iparti)ment")
# Words of an office that are not titles: "of Jordan", "the Jordan".
_NO_TITLES = frozenset(word for known in all_languages() for word in known.particles_of_titles)
# A full stop after one of these words does not end a sentence.
_SHORTENED = frozenset(TITLES.lower().split("|"))
_POINTS = frozenset("·・")
_GIVEN_NAME = re.compile(r"\s+[A-Z][a-z]+\b")
_SENTENCE_ENDS = frozenset((*'.!?:"“«„', ""))
_WORD_BEFORE = re.compile(r"([^\W\d_]+)(\.?)\s+$")
# before a Chinese office that is a subject
_CLAUSE_HEADS = ("", "，", "。", "；", "：", "”", "！", "？", "\n")


class _Place(NamedTuple):
    """A name in a text, its key, and the people who have it on a day."""

    text: str
    start: int
    end: int
    name: str
    people: list[str]
    on: dt.date | None


class Gazetteer:
    """Find listed people in texts of one language."""

    def __init__(self, speakers: Iterable[Speaker], code: str, posts: Posts | None = None) -> None:
        speakers = list(speakers)
        self._code = code
        self._posts = posts or Posts(speakers)
        self.is_unspaced = code in WITHOUT_SPACES
        known = language(code)
        self._ordinary_people = known.ordinary_people
        self._rows: dict[str, list[Speaker]] = defaultdict(list)
        self._named: dict[str, list[Speaker]] = defaultdict(list)
        self._full: set[str] = set()
        # Sort the text's language first, then English, to find names that the list has only in
        # another language.
        for row in sorted(speakers, key=lambda row: _rank(row, code)):
            if (primary_language(row.language) in WITHOUT_SPACES) == self.is_unspaced:
                self._add(row)
        self._compile(known.places_like_names)

    def _compile(self, places: Iterable[str]) -> None:
        """Build the search over all names and these places."""
        people = chain.from_iterable(self._rows.values())
        offices = " ".join(filter(None, (row.office for row in people)))
        titles = chain.from_iterable(known.titles for known in all_languages())
        self.office_words = frozenset((*titles, *re.findall(r"\w+", offices.lower())))
        plain_words = set(map(without_accents, self.office_words))
        # short names that refer to the holder of an office: head of the FDFA, Bundespräsident
        self._offices = {
            name
            for name in self._named.keys() - self._full
            if self.is_unspaced or not plain_words.isdisjoint(re.findall(r"\w+", name.lower()))
        }
        self._last_names = self._named.keys() - self._full - self._offices
        # Surnames that precede the given name: Qin in Qin Bo.
        self._surnames = {
            full[: at.start()] for full in self._full for at in re.finditer(" ", full)
        }
        self._names = sorted({*self._named, *places})
        self._search = ahocorasick_rs.AhoCorasick(
            self._names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def _add(self, row: Speaker) -> None:
        self._rows[row.person_id].append(row)
        full, *short = map(_key, (row.name, *row.short_forms))
        for name in (full, *short):
            self._named[name].append(row)
        self._full.add(full)
        if self.is_unspaced:
            # 习主席 identifies a person like the full name; 总书记 is an office.
            office = row.office or ""
            self._full.update(name for name in short if not office.endswith(name))

    def offices(self, person_id: str | None, on: dt.date | None) -> str | None:
        """Return a person's offices on a day, the earliest first, if possible in the language; None
        for an unlisted person and without an office.
        """
        rows = [row for row in self._rows.get(person_id or "", ()) if row.holds(on)]
        offices = (row.office for row in rows if row.language == rows[0].language)
        return "; ".join(dict.fromkeys(filter(None, offices))) or None

    def name(self, person_id: str) -> str:
        """Return a person's full name, in the text's language if the list has it."""
        return self._rows[person_id][0].name

    def is_surname(self, name: str) -> bool:
        """Return whether a word is the short name of a listed person, and no office."""
        return _key(name) in self._last_names

    def gender(self, person_id: str) -> str | None:
        """Return "female" or "male" if the list states a person's gender."""
        return self._rows[person_id][0].gender

    def holder_of(self, phrase: str, on: dt.date | None) -> str | None:
        """Return the person who holds an office on a day: "the finance minister of Japan"."""
        post, country, _ = self._posts.read(phrase, self._code)
        return self._posts.holder(post, country, on) if post else None

    def is_contradicted(self, person_id: str, phrase: str, on: dt.date | None) -> bool:
        """Return whether an office cannot be that of a person."""
        return self._posts.is_contradicted(person_id, phrase, self._code, on)

    def find(self, text: str, on: dt.date | None) -> list[Naming]:
        """Return the people named in a text, in order. ``text`` must be the result of
        ``make_plain``.

        A short name counts after the full name, or after an office or title if only one person has
        it. After the full name of another person with the same short name, it refers to an unlisted
        person. So does a name with an office of another country, and afterwards the same name
        without an office.
        """
        person_of: dict[str, str | None] = {}
        namings: list[Naming] = []
        for index, start, end in self._search.find_matches_as_indexes(
            text if self.is_unspaced else without_accents(text)
        ):
            name = self._names[index]
            is_part = _is_inside(text, start - 1, start) or _is_inside(text, end, end - 1)
            if name not in self._named or (is_part and not self.is_unspaced):
                continue
            place = _Place(text, start, end, name, self._holders(name, on), on)
            if name in self._offices:
                namings += self._find_office(place, person_of)
            elif name in self._full and place.people:
                namings.append(Naming(start, end, self._find_full(place, person_of)))
            else:
                namings += self._find_short(place, person_of)
        return namings

    def _holders(self, name: str, on: dt.date | None) -> list[str]:
        return sorted({row.person_id for row in self._named[name] if row.holds(on)})

    def _find_full(self, place: _Place, person_of: dict[str, str | None]) -> str | None:
        """Return the person with a full name, and store its short names."""
        text, start, end, name, *_ = place
        if self._is_namesake(text, start, end):
            return None
        person = self._choose(place, person_of)
        if person and self._is_contradicted_at(place, person):
            person_of |= dict.fromkeys((name, *self._short_names(person, place.on)))
            return None
        if person is None or person_of.get(name, person) is None:
            return None
        person_of[name] = person
        for short in self._short_names(person, place.on):
            is_shared = short in self._offices and person_of.get(short, person) != person
            person_of[short] = None if is_shared else person
        return person

    def _is_contradicted_at(self, place: _Place, person: str) -> bool:
        span = place.start, place.end
        return any(
            self.is_contradicted(person, phrase, place.on)
            for phrase in self._posts.offices_beside(place.text, span, self._code)
        )

    def _find_short(self, place: _Place, person_of: dict[str, str | None]) -> list[Naming]:
        """Return the person named before, or the only one with a short name behind a title."""
        text, start, end, name, people, _ = place
        only = people[0] if len(people) == 1 else None
        person = person_of.get(name) or only
        is_other = self._is_other(text, start, end, name)
        if is_other or (person and self._is_contradicted_at(place, person)):
            person_of[name] = None
        elif only and name not in person_of and self._has_title(text, start):
            person_of[name] = only
        return [Naming(start, end, person_of[name])] if name in person_of else []

    def _choose(self, place: _Place, person_of: dict[str, str | None]) -> str | None:
        """Return the person with the office beside a shared name, or the one named before."""
        people = place.people
        if len(people) == 1:
            return people[0]
        before = place.text[max(0, place.start - 30) : place.start]
        near = place.text[max(0, place.start - 80) : place.end + 120].lower()

        def fit(office: str) -> int:
            if self.is_unspaced:
                return len([*takewhile(bool, map(eq, before[::-1], office[::-1]))])
            return len(office) if office.lower() in near else 0

        fits = {
            person: max(fit(row.office or "") for row in self._rows[person]) for person in people
        }
        winner = max(people, key=fits.__getitem__)
        if list(fits.values()).count(fits[winner]) == 1:
            return winner
        known = person_of.get(place.name)
        return known if known in people else None

    def _is_namesake(self, text: str, start: int, end: int) -> bool:
        """Return whether the name belongs to an unlisted person: 村民李强, 亨特·拜登."""
        if not self.is_unspaced:
            return False
        is_part = not _POINTS.isdisjoint((text[start - 1 : start], text[end : end + 1]))
        before = text[max(0, start - 12) : start]
        return is_part or bool(self._ordinary_people and self._ordinary_people.search(before))

    def _find_office(self, place: _Place, person_of: dict[str, str | None]) -> list[Naming]:
        """Return the holder of an office that names a body, or whom the text named."""
        text, start, end, name, people, _ = place
        known = person_of.get(name)
        if self.is_unspaced:
            is_alone = known in people and text[start - 1 : start] in _CLAUSE_HEADS
            return [Naming(start, end, known)] if is_alone else []
        holder = people[0] if len(people) == 1 and _BODY.search(name) else known
        if holder is None or holder not in people:
            return []
        is_other = self._is_contradicted_at(place._replace(start=end), holder)
        return [] if is_other else [Naming(start, end, holder)]

    def _short_names(self, person: str, on: dt.date | None) -> list[str]:
        rows = [row for row in self._rows[person] if row.holds(on)]
        return [_key(name) for row in rows for name in row.short_forms]

    def _has_title(self, text: str, start: int) -> bool:
        before = _WORD_BEFORE.search(text[max(0, start - 30) : start])
        if before is None:
            return False
        word = before[1].lower()
        is_end = before[2] and word not in _SHORTENED
        return not is_end and word in self.office_words - _NO_TITLES

    def _is_other(self, text: str, start: int, end: int, name: str) -> bool:
        """Return whether a short name is part of another person's full name."""
        if name in self._surnames:
            is_possessive = text[end : end + 3].strip().startswith("'")
            return not is_possessive and _GIVEN_NAME.match(text, end, end + 20) is not None
        before = re.search(
            r"(?:^|\s)([A-ZÀ-Ý](?:\.|[\w'-]*))\s+$", text[max(0, start - 30) : start]
        )
        if before is None or self.office_words.issuperset(before[1].rstrip(".").lower().split("-")):
            return False
        # A capital at the beginning of a sentence does not indicate a name.
        earlier = text[: start - len(before[0].lstrip())].rstrip()
        return earlier[-1:] not in _SENTENCE_ENDS


def _rank(row: Speaker, code: str) -> tuple[Any, ...]:
    is_foreign = primary_language(row.language) != code
    dated = row.valid_from or dt.date.min
    return is_foreign, row.language != "en", row.language, dated, row.office or ""


def _key(name: str) -> str:
    return without_accents(make_plain(name).strip())


def _is_inside(text: str, outside: int, inside: int) -> bool:
    return 0 <= outside < len(text) and text[outside].isalnum() and text[inside].isalnum()


def namings_between(namings: Sequence[Naming], start: int, end: int) -> list[Naming]:
    """Return the namings within a range of the text. The namings must be in order."""
    inside = namings[bisect_left(namings, (start,)) : bisect_left(namings, (end,))]
    return [naming for naming in inside if naming.end <= end]
