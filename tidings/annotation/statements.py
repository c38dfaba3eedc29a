"""Find statements: sentences that report words, with their speaker, verb and the speaker's office
on that day.

Each language has one reader: ``open_statements.py`` for languages with spaces,
``chinese_statements.py`` for Chinese. The list of speakers identifies people (``speakers.py``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache

from tidings.annotation.chinese_statements import ChineseReader
from tidings.annotation.languages import language
from tidings.annotation.languages.statements import Statement, Verb
from tidings.annotation.open_statements import OpenReader
from tidings.annotation.posts import Posts, Speaker
from tidings.base.languages import WITHOUT_SPACES, is_known, primary_language


class StatementFinder:
    """Find statements by the given verbs, of everyone; the given speakers identify people."""

    def __init__(
        self, speakers: Iterable[Speaker], verbs: Iterable[Verb], posts: Posts | None = None
    ) -> None:
        self._speakers = list(speakers)
        self._posts = posts or Posts(self._speakers)
        self._verbs = list(verbs)
        self._reader = cache(self._make_reader)

    def find(self, body: str, tag: str | None, on: dt.date | None) -> list[Statement]:
        """Return the statements in a body text, in order, at most one per sentence and person.

        ``tag`` is the text's language, as BCP 47; None, an unknown language and one without verbs
        yield no statements. ``on`` is the day of publication, on which the person must hold a
        listed office; None: any day.
        """
        if not tag or not body:
            return []
        reader = self._reader(primary_language(tag))
        return reader.read(body, on) if reader else []

    def _make_reader(self, code: str) -> OpenReader | ChineseReader | None:
        verbs = [verb for verb in self._verbs if primary_language(verb.language) == code]
        if not (verbs and is_known(code)):
            return None
        kind = ChineseReader if code in WITHOUT_SPACES else OpenReader
        return kind(self._speakers, verbs, language(code), self._posts)
