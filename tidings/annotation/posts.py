"""Find who holds a post, and whether an office can be that of a person."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from tidings.annotation.languages import language
from tidings.annotation.office_words import OfficeWords, PostForms, Reading
from tidings.base.languages import is_known, primary_language

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tidings.annotation.office_words import CountryForms
    from tidings.annotation.speakers import Speaker

MAX_PHRASE_LENGTH = 200
"""Characters of an office; a longer phrase states nothing."""
# Bodies whose members come from several countries: their rows do not state a person's country.
_SHARED = frozenset({None, "EU"})
_REACH = 100  # characters beside a name in which its office is searched
_APPOSITION = re.compile(rf"\s?,\s(?P<phrase>[^,;:!?()\"“”«»\n]{{3,{_REACH}}}),\s(?P<next>\w*)")


class Posts:
    """Posts of the listed people, and the words for posts and countries in each language."""

    def __init__(
        self,
        speakers: Iterable[Speaker],
        posts: Iterable[PostForms] = (),
        countries: Iterable[CountryForms] = (),
    ) -> None:
        self._by_post: dict[tuple[str, str | None], list[Speaker]] = defaultdict(list)
        self._by_person: dict[str, list[Speaker]] = defaultdict(list)
        self._posts, self._countries = list(posts), list(countries)
        for row in speakers:
            self._by_person[row.person_id].append(row)
            if row.post:
                self._by_post[row.post, row.country].append(row)
                if row.office:
                    self._posts.append(PostForms(row.post, row.language, row.country, row.office))
        self._words = cache(self._make_words)

    def read(self, phrase: str, code: str) -> tuple[str | None, str | None]:
        """Return the post and the country that an office states: ("finance_minister", "JP") for
        "Japan's finance minister".

        The post is None if the phrase contains any other word, such as "deputy". Each is None if it
        is ambiguous.
        """
        reading = self._read(phrase, code)
        return reading.post, reading.country

    def holder(self, post: str, country: str | None, on: dt.date | None) -> str | None:
        """Return the only person in the list who holds a post on a day; None if the list has none,
        several or no first day.
        """
        if on is None:
            return None
        people = {
            row.person_id
            for row in self._by_post.get((post, country), ())
            if row.valid_from and row.holds(on)
        }
        return people.pop() if len(people) == 1 else None

    def holder_of(self, phrase: str, code: str, on: dt.date | None) -> str | None:
        """Return the person who holds the office that a phrase states on a day."""
        post, country = self.read(phrase, code)
        return self.holder(post, country, on) if post else None

    def is_contradicted(self, person_id: str, phrase: str, code: str, on: dt.date | None) -> bool:
        """Return whether an office cannot be that of a person.

        It names another country, or in the person's country a post that the person never holds and
        another person holds that day. An office without a country is never a contradiction, and
        neither is a country for members of international bodies.
        """
        rows = self._by_person.get(person_id, ())
        countries = {row.country for row in rows}
        reading = self._read(phrase, code)
        if not reading.is_explicit or reading.country in _SHARED or countries & _SHARED:
            return False
        if reading.country not in countries:
            return True
        if reading.post is None or any(
            row.post == reading.post and row.country == reading.country for row in rows
        ):
            return False
        return self.holder(reading.post, reading.country, on) is not None

    def offices_beside(self, text: str, span: tuple[int, int], code: str) -> list[str]:
        """Return the offices with a country directly before a name, and after it between commas."""
        if not is_known(code):
            return []
        words = self._words(primary_language(code))
        before = words.office_at_end(text[max(0, span[0] - _REACH) : span[0]])
        after = _APPOSITION.match(text, span[1], span[1] + _REACH + 20) if words.is_spaced else None
        if after and not words.joins(after["next"]) and words.is_office(after["phrase"]):
            return [*filter(None, [before]), after["phrase"]]
        return [before] if before else []

    def _read(self, phrase: str, code: str) -> Reading:
        if len(phrase) > MAX_PHRASE_LENGTH or not is_known(code):
            return Reading(None, None, is_explicit=False)
        return self._words(primary_language(code)).read(phrase)

    def _make_words(self, code: str) -> OfficeWords:
        posts = [row for row in self._posts if primary_language(row.language) == code]
        countries = [row for row in self._countries if primary_language(row.language) == code]
        rows = [
            row
            for rows in self._by_person.values()
            for row in rows
            if primary_language(row.language) == code
        ]
        return OfficeWords(
            language(code), posts, countries, " ".join(row.office or "" for row in rows)
        )
