"""Annotate articles: the rows by kind that the text of one article gives, without a database.

| kind | rows | rules |
|---|---|---|
| ``mentions`` | phrases of the word list in title and body | ``matching.py`` |
| ``statements`` | sentences with a speaker | ``statements.py``, lists of people, posts and verbs |
| ``terms`` | the terms and marks of the article's event, and its kind of text | ``event_terms.py``,
  ``text_kinds.py`` |
| ``sequences`` | word sequences that policy language marks | ``candidates.py``, evidence words |
| ``passages`` | hashes that texts with a common passage share | ``passages.py`` |
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from tidings.annotation.candidate_lists import CandidateLists
from tidings.annotation.candidates import HEADED, QUOTED
from tidings.annotation.event_terms import find_event_terms
from tidings.annotation.languages.statements import Verb
from tidings.annotation.matching import Hit, Matcher
from tidings.annotation.passages import mark_passages
from tidings.annotation.phrases import Phrase
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.source_version import source_version
from tidings.annotation.statements import StatementFinder
from tidings.annotation.text_kinds import find_text_kind
from tidings.base.languages import is_known, primary_language

KINDS = ("mentions", "statements", "terms", "sequences", "passages")
FIELDS = ("title", "body_text")
# Characters before and after a hit, of which its snippet is made: in SQL, each cut would count
# characters from the beginning of the text.
CONTEXT_LENGTH = 81
LEAD_LENGTH = 600  # characters of a body that identify its event
Row = tuple[Any, ...]


class Lists(NamedTuple):
    """The lists behind the rows, as rows of the tables in ``ref``."""

    phrases: tuple[Row, ...] = ()
    speakers: tuple[Row, ...] = ()
    verbs: tuple[Row, ...] = ()
    posts: tuple[Row, ...] = ()
    countries: tuple[Row, ...] = ()
    evidence_words: tuple[Row, ...] = ()


class ArticleText(NamedTuple):
    """An article, and the kinds of rows to find."""

    article_id: str
    title: str
    body: str
    language: str | None
    published_on: dt.date | None
    kinds: tuple[str, ...] = KINDS


class Annotator:
    """Find the rows of articles with the rules and lists of one run."""

    def __init__(self, lists: Lists) -> None:
        people = [Speaker(*row) for row in lists.speakers]
        phrases = [Phrase(*row) for row in lists.phrases]
        self._matcher = Matcher(phrases)
        posts = [PostForms(*row) for row in lists.posts]
        forms = Posts(people, posts, [CountryForms(*row) for row in lists.countries])
        self._finder = StatementFinder(people, [Verb(*row) for row in lists.verbs], forms)
        self._candidates = CandidateLists(lists.phrases, lists.speakers, lists.evidence_words)

    def annotate(self, article: ArticleText) -> dict[str, list[Row]]:
        """Return the rows of an article by kind. Columns: as in the schema ``annotations``, without
        those of the article.
        """
        return {kind: getattr(self, f"_{kind}")(article) for kind in article.kinds}

    def _mentions(self, article: ArticleText) -> list[Row]:
        texts = article.title, article.body
        places = self._matcher.match_article(*texts, article.language, article.published_on)
        return describe_hits(texts, places)

    def _statements(self, article: ArticleText) -> list[Row]:
        body = article.body
        return [
            (*statement, body[statement.start : statement.end])
            for statement in self._finder.find(body, article.language, article.published_on)
        ]

    def _terms(self, article: ArticleText) -> list[Row]:
        if article.published_on is None:
            return []
        language = primary_language(article.language or "")
        terms = find_event_terms(article.title, article.body[:LEAD_LENGTH], language)
        return [(*terms, find_text_kind(article.title, language))]

    def _sequences(self, article: ArticleText) -> list[Row]:
        language = primary_language(article.language or "")
        if not is_known(language):
            return []
        found = self._candidates.finder(language).find(f"{article.title}\n{article.body}")
        marks = {HEADED, QUOTED}
        return [
            (key, phrase, sorted(evidence - marks), HEADED in evidence, QUOTED in evidence)
            for key, phrase, evidence in found
        ]

    def _passages(self, article: ArticleText) -> list[Row]:
        return [(mark,) for mark in mark_passages(article.body)]


def describe_hits(texts: Iterable[str], found: Iterable[Iterable[Hit]]) -> list[Row]:
    """Return the hits in title and body as rows, each with the text around it."""
    return [
        (field, *hit, text[max(0, hit.start - CONTEXT_LENGTH) : hit.end + CONTEXT_LENGTH])
        for field, text, hits in zip(FIELDS, texts, found, strict=True)
        for hit in hits
    ]


def rule_versions(lists: Lists) -> dict[str, str]:
    """Return the version of the rules and lists behind each kind of row: an equal version gives
    equal rows. Changed phrases do not count; their articles are found by the phrase.
    """
    speakers = lists.speakers, lists.verbs, lists.posts, lists.countries
    parts: dict[str, tuple[Any, ...]] = {
        "mentions": ("matching",),
        "statements": ("statements", *speakers),
        "terms": ("event_terms", source_version("text_kinds")),
        "sequences": ("candidates", lists.evidence_words),
        "passages": ("passages",),
    }
    return {
        kind: hashlib.sha256(repr((source_version(module), *more)).encode()).hexdigest()[:12]
        for kind, (module, *more) in parts.items()
    }
