"""Answer questions: the paths of the API by name. Each answer carries its release, citation and
URL.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from tidings.analysis.explore.articles import answer_articles
from tidings.analysis.explore.lists import answer_choices, answer_events, check_question
from tidings.analysis.explore.mentions import answer_mentions
from tidings.analysis.explore.series import answer_series, series_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidings.analysis.answers import Row
    from tidings.analysis.explore.database import OpenRelease
    from tidings.analysis.explore.question import Question


class Answer(NamedTuple):
    """A kind of answer: its function, summary, parameters, and the name of its list of rows."""

    function: Callable[[OpenRelease, Question], Row]
    summary: str
    parameters: tuple[str, ...]
    rows: str


_FILTERS = ("outlet", "language", "publisher_type", "country", "theme")
ANSWERS = {
    "series": Answer(
        answer_series,
        "Series over time, with events",
        ("s", "from", "to", "by", "measure", "unit", "value", *_FILTERS, "confidence", "format"),
        "series",
    ),
    "articles": Answer(
        answer_articles,
        "Articles behind the series, with snippets and facets",
        ("s", "from", "to", "measure", *_FILTERS, "confidence", "page", "format"),
        "articles",
    ),
    "mentions": Answer(
        answer_mentions,
        "Mentions behind the series, one row per mention",
        ("s", "from", "to", "measure", *_FILTERS, "confidence", "page", "format"),
        "mentions",
    ),
    "events": Answer(
        answer_events,
        "Events that articles of these days report",
        ("s", "from", "to", "measure", *_FILTERS[:-1], "page", "format"),
        "events",
    ),
    "choices": Answer(
        answer_choices, "Series that a question can name", ("q", "format"), "choices"
    ),
}


def answer(release: OpenRelease, name: str, question: Question) -> Row:
    """Return an answer by the name of its path.

    Raises:
        QuestionError: If the release has no such series or value of a filter.
        QueryTimeoutError: If a query takes too long.
    """
    check_question(release, question)
    try:
        found = ANSWERS[name].function(release, question)
    except duckdb.IOException:
        if not release.drop_index():
            raise
        found = ANSWERS[name].function(release, question)
    described = describe_release(release)
    for series in found.get("series", ()):
        if "citation" in series:
            described["citation"] += f" Comparison {series['label']}: {series['citation']}"
    return described | {"url": question.url} | found


def describe_release(release: OpenRelease) -> Row:
    """Return the facts of a release and its citation."""
    facts = release.facts
    citation = (
        f"Tidings, release {facts['release_id']} ({facts['released_at'][:10]}), word list"
        f" {facts['lexicon_version']}, code {facts['code_version']}"
    )
    return {"release": facts, "citation": f"{release.invented.mark(citation)}."}


def as_json(value: Any) -> Any:
    """Return a value that JSON can represent: dates and times as ISO 8601 texts, NaN as null, other
    kinds of values as text.
    """
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def as_table(
    name: str, answered: Row, notice: str | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows of a file of an answer. A notice is the last cell of each row,
    since CSV has no other place.
    """
    if name == "series":
        columns, rows = series_table(answered)
    else:
        found = answered[ANSWERS[name].rows]
        columns, rows = list(found[0]) if found else [], [tuple(row.values()) for row in found]
    return (
        ([*columns, "notice"], [(*row, notice) for row in rows])
        if notice and columns
        else (columns, rows)
    )
