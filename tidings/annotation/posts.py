"""Read the post and the country that an office states, and find who holds a post."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import ahocorasick_rs
from babel import Locale

from tidings.annotation.languages import language
from tidings.annotation.plain_text import make_plain, without_accents
from tidings.base.languages import WITHOUT_SPACES, primary_language
from tidings.base.languages.record import Language

MAX_PHRASE_LENGTH = 200
"""Characters of an office; a longer phrase states nothing."""
# Bodies whose members come from several countries: their rows do not state a person's country.
_SHARED = frozenset({None, "EU"})
_REACH = 100  # characters beside a name in which its office is searched
_APPOSITION = re.compile(rf"\s?,\s(?P<phrase>[^,;:!?()\"“”«»\n]{{3,{_REACH}}}),\s(?P<next>\w*)")
_NO_COUNTRY = "ZZ"  # forms that contain the name of a country but mean none, such as New Mexico
# CLDR regions that are not places
_NO_TERRITORIES = frozenset({"EZ", "QO", "UN", "XA", "XB", _NO_COUNTRY})
_CLAUSE_END = re.compile(
    r"[,;:!?()\[\]\"“”«»„\n，。；：！？（）《》]|\s[-–—]\s|(?<=[^\W\d_]{4})\.\s"
)
# In Chinese, what follows the country up to the name: an office without verbs and other subjects.
_REST = re.compile(
    r"(?:对外|(?!会见|会晤|会谈|问题|事务|危机|局势|战争)[^\s同对在向见说称访]){0,20}"
)
_JOINS = re.compile(r"(?<!共)和|[、与及兼]")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A row of ``ref.speakers``: a name and an office in one language. ``short_names`` are
    separated by ``|``.

    ``country`` is that of the body, or None for an international body; ``post`` is a key of
    ``ref.posts``.
    """

    person_id: str
    language: str
    name: str
    short_names: str | None
    office: str | None
    body: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    country: str | None = None
    post: str | None = None
    gender: str | None = None

    @property
    def short_forms(self) -> list[str]:
        """Return the short names as a list."""
        return list(filter(None, (self.short_names or "").split("|")))

    def holds(self, on: dt.date | None) -> bool:
        """Return whether the person holds the office on a day. An unknown day always counts."""
        first, last = self.valid_from or dt.date.min, self.valid_to or dt.date.max
        return on is None or first <= on <= last


class PostForms(NamedTuple):
    """A row of ``ref.posts``: the forms of a post, separated by ``|``, and an implied country."""

    post: str
    language: str
    country: str | None
    forms: str


class CountryForms(NamedTuple):
    """A row of ``ref.countries``: further names of a country in a language, separated by ``|``."""

    country: str
    language: str
    forms: str


class Reading(NamedTuple):
    """Post and country of an office. ``is_explicit``: the text names the country."""

    post: str | None
    country: str | None
    is_explicit: bool = False


class OfficeWords:
    """Words for posts and countries in one language."""

    def __init__(
        self,
        known: Language,
        rows: Sequence[PostForms],
        countries: Sequence[CountryForms],
        offices: str,
    ) -> None:
        self.is_spaced = known.code not in WITHOUT_SPACES
        self._posting = known.posting_words
        self.joining = known.joining  # words that join two subjects
        self._fillers = set(map(_bare, known.particles_of_titles)) - self._posting - known.joining
        self._countries = _Forms(_country_forms(known, countries), is_spaced=self.is_spaced)
        options: dict[str, dict[str | None, str]] = defaultdict(dict)
        for row in rows:
            for form in row.forms.split("|"):
                options[_bare(form).lower()].setdefault(row.country, row.post)
        self._posts = _Forms(options, is_spaced=self.is_spaced, joins_hyphens=True)
        words = re.findall(r"\w+", _bare(" ".join([*known.titles, *options, offices])).lower())
        self._titles = {*words} - self._fillers - self._posting - known.joining
        self._of_office = self._titles | self._fillers | self._posting
        self._endings = {word[-2:] for word in words if len(word) > 1}

    def read(self, phrase: str) -> Reading:
        """Return the post and the country that a phrase states."""
        text = _bare(phrase)
        spans = self._find_countries(text)
        named = [span.value for span in spans if not self._is_posting(text, span.start)]
        country = _only(_only(named) or ())
        country = None if country == _NO_COUNTRY else country
        options = self._find_post(text, spans)
        if spans:
            post = options.get(country) or options.get(None)
            return Reading(post, country, is_explicit=bool(country))
        post = options.get(None) or _only(set(options.values()))
        return Reading(post, _only(options))

    def _find_countries(self, text: str) -> list[_Span]:
        """Return the countries in a text; a single character only before a post: 美财长."""
        spans = self._countries.find(text)
        if self.is_spaced or all(span.end - span.start > 1 for span in spans):
            return spans
        posts = {span.start for span in self._posts.find(text)}
        return [span for span in spans if span.end - span.start > 1 or span.end in posts]

    def _find_post(self, text: str, spans: Sequence[_Span]) -> Mapping[str | None, str]:
        """Return the posts, by country, of the only form without other words; empty if there is
        none. The form may contain or surround the country: "ministre japonais des Finances".
        """
        if len(spans) > 1:
            return {}
        texts = [text, *(text[: span.start] + text[span.end :].lstrip() for span in spans)]
        for number, part in enumerate(texts):
            posts = self._posts.find(part.lower())
            rest = self._words_outside(part, posts if number else [*posts, *spans])
            fillers = (word in self._fillers or (self.is_spaced and not word[1:]) for word in rest)
            if len(posts) == 1 and all(fillers):
                options: Mapping[str | None, str] = posts[0].value
                return options
        return {}

    def office_at_end(self, text: str) -> str | None:
        """Return the office with a country at the end of a text, or None."""
        text = _CLAUSE_END.split(_bare(text))[-1]
        spans = self._find_countries(text)
        if not self.is_spaced:
            starts = [span for span in reversed(spans) if not self._is_posting(text, span.start)]
            offices = (text[span.start :] for span in starts if self._is_rest(text[span.end :]))
            return next(offices, None)
        start = len(text)
        for word in reversed([*re.finditer(r"\w+", text)]):
            if not (self._is_of_office(word[0].lower()) or _is_inside(word.start(), spans)):
                break
            start = word.start()
        return text[start:].strip() if self.is_office(text[start:]) else None

    def _is_rest(self, rest: str) -> bool:
        *parts, last = _JOINS.split(rest)
        is_office = _REST.fullmatch(rest) and last[-2:] in self._endings
        # a part with a title that continues has a name: 总统普京, but not 外交
        open_parts = [part for part in parts if part[-2:] not in self._endings]
        return bool(is_office) and not any(
            end in part for part in open_parts for end in self._endings
        )

    def _is_of_office(self, word: str) -> bool:
        return len(word) == 1 or word in self._of_office

    def is_office(self, phrase: str) -> bool:
        """Return whether a phrase is an office with a country and at most one other word."""
        text = _bare(phrase)
        spans = self._find_countries(text)
        rest = self._words_outside(text, spans)
        known = self._of_office | self.joining
        unknown = [word for word in rest if len(word) > 1 and word not in known]
        has_title = bool(spans) and not self._titles.isdisjoint(rest)
        return has_title and len(unknown) <= 1 and rest[-1] not in unknown

    def _is_posting(self, text: str, start: int) -> bool:
        """Return whether an official is sent to a country: ambassador to the United States."""
        if not self.is_spaced:
            return text[start - 1 : start] in self._posting
        words = re.findall(r"\w+", text[max(0, start - 30) : start].lower())
        while words and words[-1] in self._fillers:
            words.pop()
        return bool(words) and words[-1] in self._posting

    def _words_outside(self, text: str, spans: Sequence[_Span]) -> list[str]:
        """Return the words that no span contains, in lower case."""
        words = re.compile(r"\w+" if self.is_spaced else r"\w").finditer(text)
        return [word[0].lower() for word in words if not _is_inside(word.start(), spans)]


class _Span(NamedTuple):
    start: int
    end: int
    value: Any


def _is_inside(place: int, spans: Sequence[_Span]) -> bool:
    return any(span.start <= place < span.end for span in spans)


class _Forms:
    """Find forms in a text: the longest at each place, at word boundaries."""

    def __init__(
        self, values: Mapping[str, Any], *, is_spaced: bool, joins_hyphens: bool = False
    ) -> None:
        self._values = values
        self._names = sorted(values)
        self._is_spaced = is_spaced
        self._joins_hyphens = joins_hyphens
        self._search = ahocorasick_rs.AhoCorasick(self._names)

    def find(self, text: str) -> list[_Span]:
        """Return the forms in a text, in order, without overlaps."""
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        spans = [
            _Span(start, end, self._values[self._names[index]])
            for index, start, end in matches
            if self._is_at(text, start, end)
        ]
        kept: list[_Span] = []
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            if not kept or span.start >= kept[-1].end:
                kept.append(span)
        return kept

    def _is_at(self, text: str, start: int, end: int) -> bool:
        """Return whether a form is a word, or begins US-Präsident; not Russian-backed."""
        if not self._is_spaced:
            return True
        before, after = text[start - 1 : start], text[end : end + 1]
        if before.isalnum() or after.isalnum():
            return False
        is_first = text[start:end].isupper() and text[end + 1 : end + 2].isupper()
        return self._joins_hyphens or (before != "-" and (after != "-" or is_first))


def _country_forms(known: Language, rows: Iterable[CountryForms]) -> dict[str, set[str]]:
    """Return the countries by form, from CLDR and the list, with inflections and capitals."""
    listed: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for form in row.forms.split("|"):
            listed[_bare(form)].add(row.country)
    for code, name in Locale(known.code).territories.items():
        if len(code) == 2 and code not in _NO_TERRITORIES:  # others are continents
            listed.setdefault(_bare(name), {code})
    result = dict(listed)
    for form, codes in listed.items():
        for other in _inflect(form, known):
            result.setdefault(other, codes)
            result.setdefault(other[:1].upper() + other[1:], codes)
    return result


def _inflect(form: str, known: Language) -> list[str]:
    """Return a form and, unless it is an abbreviation or has spaces, its inflections."""
    is_word = not (form.isupper() or " " in form)
    others = known.inflections(form.lower()) if is_word else ()
    return [form, *(form[:1] + other[1:] for other in others)]


def _only(values: Iterable[_Value]) -> _Value | None:
    """Return the only value, or None."""
    found = [*values]
    return found[0] if len(found) == 1 else None


def _bare(text: str) -> str:
    """Return a text without accents, with ss for ß and plain apostrophes."""
    return without_accents(make_plain(text).replace("ß", "ss"))


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

    def read(self, phrase: str, code: str) -> Reading:
        """Return the post and the country of an office: ("finance_minister", "JP") for "Japan's
        finance minister".

        Each is None if it is ambiguous, and the post if the phrase contains another word, such as
        "deputy".
        """
        is_short = len(phrase) <= MAX_PHRASE_LENGTH
        return self._words(code).read(phrase) if is_short else Reading(None, None)

    def holder(self, post: str, country: str | None, on: dt.date | None) -> str | None:
        """Return the only listed person who holds a post on a day and has a first day, or None."""
        if on is None:
            return None
        rows = self._by_post.get((post, country), ())
        return _only({row.person_id for row in rows if row.valid_from and row.holds(on)})

    def is_contradicted(self, person_id: str, phrase: str, code: str, on: dt.date | None) -> bool:
        """Return whether an office cannot be that of a person: it names another country, or a post
        there that another person holds and this one never does.

        An office without a country, and a member of an international body, are never contradicted.
        """
        rows = self._by_person.get(person_id, ())
        countries = {row.country for row in rows}
        reading = self.read(phrase, code)
        if not reading.is_explicit or reading.country in _SHARED or countries & _SHARED:
            return False
        if reading.country not in countries:
            return True
        if reading.post is None or reading.post in {row.post for row in rows}:
            return False
        return self.holder(reading.post, reading.country, on) is not None

    def offices_beside(self, text: str, span: tuple[int, int], code: str) -> list[str]:
        """Return the offices with a country before a name, and behind it between commas."""
        words = self._words(code)
        before = words.office_at_end(text[max(0, span[0] - _REACH) : span[0]])
        after = _APPOSITION.match(text, span[1], span[1] + _REACH + 20) if words.is_spaced else None
        if after and after["next"] not in words.joining and words.is_office(after["phrase"]):
            return [*filter(None, [before]), after["phrase"]]
        return [before] if before else []

    def _make_words(self, code: str) -> OfficeWords:
        posts = [row for row in self._posts if primary_language(row.language) == code]
        countries = [row for row in self._countries if primary_language(row.language) == code]
        people = chain(*self._by_person.values())
        own = (row.office or "" for row in people if primary_language(row.language) == code)
        return OfficeWords(language(code), posts, countries, " ".join(own))
