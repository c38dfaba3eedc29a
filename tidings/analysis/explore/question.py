"""Define and validate the parameters of a question. The API's description (``openapi.py``) contains
the same definitions.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KINDS = (
    "theme",
    "area",
    "phrase",
    "outlet",
    "language",
    "publisher_type",
    "country",
    "speaker",
    "comparison",
    "words",
)
FILTERS = ("outlet", "language", "publisher_type", "country")
MAX_SERIES = 5
MAX_VALUES = 50
"""Most values of a filter."""
MAX_VALUE_LENGTH = 200
MAX_ALTERNATIVES = 20
PAGE_ROWS = 20


class QuestionError(ValueError):
    """Invalid parameters; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a URL: its JSON schema, and a description for users of the API."""

    name: str
    schema: dict[str, Any]
    description: str
    is_repeated: bool = False


_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH}


def _choice(name: str, values: tuple[str, ...], description: str) -> Parameter:
    return Parameter(
        name, {"type": "string", "enum": list(values), "default": values[0]}, description
    )


_SERIES = Parameter(
    "s",
    _TEXT | {"pattern": f"^({'|'.join(KINDS)}):.+$"},
    f"A series KIND:ID, at most {MAX_SERIES} times. KIND: {', '.join(KINDS)}. The ID of `words` is"
    " any words in any script, with alternatives separated by `|`; a trailing `*` matches any"
    " ending. They count as a phrase of the word list would.",
    is_repeated=True,
)
PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        _SERIES,
        Parameter(
            "from",
            {"type": "string", "format": "date"},
            "First day. Default: the first observed day.",
        ),
        Parameter(
            "to",
            {"type": "string", "format": "date"},
            "Last day, inclusive. Default: the last observed day.",
        ),
        _choice(
            "by",
            ("week", "day", "month"),
            "Period of a row. Weeks start on Monday. A series has whole periods.",
        ),
        _choice(
            "measure",
            ("about", "mentions"),
            "For themes and areas: count the articles that are about the theme, or all that mention"
            " it. Other series have no such difference.",
        ),
        _choice(
            "unit",
            ("articles", "stories"),
            "Count articles, or stories: an article and its copies count once a period.",
        ),
        _choice(
            "value",
            ("share", "count", "index"),
            "The share of all articles or stories that pass the filters, their number, or the share"
            " as an index with a mean of 100 over the chosen periods; with a comparison series,"
            " over the periods from the first to the last that all know.",
        ),
        Parameter("outlet", _TEXT, "Only this outlet, by publisher_id.", is_repeated=True),
        Parameter(
            "language",
            _TEXT,
            "Only articles in this primary language, such as `zh`; or `unknown`.",
            is_repeated=True,
        ),
        Parameter(
            "publisher_type",
            _TEXT,
            "Only outlets of this type, such as `official`.",
            is_repeated=True,
        ),
        Parameter(
            "country", _TEXT, "Only outlets of this country, such as `CN`.", is_repeated=True
        ),
        Parameter(
            "theme", _TEXT, "Only articles that mention this theme, by theme_id.", is_repeated=True
        ),
        _choice(
            "confidence",
            ("0", "0.5", "0.8", "0.95"),
            "Only articles whose extraction_confidence, the probability that the text is right, is"
            " at least this, or null.",
        ),
        Parameter(
            "page",
            {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1},
            "Page of the list.",
        ),
        _choice(
            "format",
            ("json", "csv", "xlsx"),
            "A file has all rows, and its workbook a sheet with the citation.",
        ),
        Parameter(
            "q",
            {"type": "string", "maxLength": MAX_VALUE_LENGTH, "default": ""},
            "Part of a label or ID.",
        ),
        _choice(
            "layout", ("one", "multiples"), "Arrangement of the page's charts. The API ignores it."
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a question, such as kind ``theme`` and ID ``health``."""

    kind: str
    id: str

    @property
    def key(self) -> str:
        """The series as in a URL."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Question:
    """A validated question. ``start`` and ``end`` are inclusive; None means no limit. Empty filters
    admit everything.
    """

    series: tuple[Series, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    by: str = "week"
    measure: str = "about"
    unit: str = "articles"
    value: str = "share"
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    confidence: str = "0"
    page: int = 1
    format: str = "json"
    words: str = ""
    layout: str = "one"

    @property
    def compared(self) -> tuple[Series, ...]:
        """The comparison series."""
        return tuple(series for series in self.series if series.kind == "comparison")

    @property
    def without_compared(self) -> Question:
        """The question without its comparison series, which have no articles."""
        return replace(
            self, series=tuple(series for series in self.series if series.kind != "comparison")
        )

    @property
    def url(self) -> str:
        """The state as a URL on this server, without values that are defaults."""
        pairs = [("s", series.key) for series in self.series]
        pairs += [("from", str(self.start))] if self.start else []
        pairs += [("to", str(self.end))] if self.end else []
        for name in ("by", "measure", "unit", "value", "confidence", "layout"):
            value = getattr(self, name)
            pairs += [(name, value)] if value != PARAMETERS[name].schema["default"] else []
        pairs += [(name, value) for name in FILTERS for value in self.filters.get(name, ())]
        pairs += [("theme", theme) for theme in self.themes]
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return f"/?{urlencode(pairs, quote_via=quote, safe=':|*')}".removesuffix("?")


def parse_question(pairs: Iterable[tuple[str, str]]) -> Question:
    """Return the question in the names and values of a query string.

    Raises:
        QuestionError: If a name is unknown or a value is invalid.
    """
    values: dict[str, dict[str, None]] = {}  # without repetitions, in order
    for name, text in pairs:
        value = unicodedata.normalize("NFC", text.strip())
        _check(name, value)
        if value:
            values.setdefault(name, {})[value] = None
    one: dict[str, str] = {}
    for name, chosen in values.items():
        _check_count(name, len(chosen))
        one[name] = next(iter(chosen))
    days = {name: dt.date.fromisoformat(one[name]) for name in one.keys() & {"from", "to"}}
    start, end = days.get("from"), days.get("to")
    if (start or dt.date.min) > (end or dt.date.max):
        raise QuestionError(f"Invalid period: from {start} is after to {end}.")
    choices = {"by", "measure", "unit", "value", "confidence", "format", "layout"}
    options = {name: one[name] for name in one.keys() & choices}
    return Question(
        series=tuple(map(_parse_series, values.get("s", ()))),
        start=start,
        end=end,
        filters={
            name: tuple(sorted(values[name])) for name in filter(values.__contains__, FILTERS)
        },
        themes=tuple(values.get("theme", ())),
        page=int(one.get("page", 1)),
        words=one.get("q", ""),
        **options,
    )


def _check(name: str, value: str) -> None:
    if (parameter := PARAMETERS.get(name)) is None:
        raise QuestionError(f"Unknown parameter {name!r}. Use {', '.join(PARAMETERS)}.")
    if not value:
        return
    schema = {"maxLength": MAX_VALUE_LENGTH} | parameter.schema
    for key, is_valid, sentence in _CHECKS:
        if key in schema and not is_valid(value, schema[key]):
            choices = ", ".join(schema.get("enum", KINDS))
            raise QuestionError(
                sentence.format(name=name, value=value, choices=choices, limit=schema[key])
            )


def _is_date(value: str) -> bool:
    try:
        return str(dt.date.fromisoformat(value)) == value
    except ValueError:
        return False


# keyword of a parameter's JSON schema, test of a value, sentence for an invalid one
_CHECKS: tuple[tuple[str, Callable[[str, Any], Any], str], ...] = (
    (
        "maxLength",
        lambda value, most: len(value) <= most and "\0" not in value,
        f"Invalid {{name}}: use at most {MAX_VALUE_LENGTH} characters, without the character NUL.",
    ),
    (
        "enum",
        lambda value, choices: value in choices,
        "Invalid {name} {value!r}: use {choices}.",
    ),
    (
        "pattern",
        lambda value, pattern: re.match(pattern, value, re.DOTALL),
        "Invalid series {value!r}: use KIND:ID with one of the kinds {choices}.",
    ),
    (
        "maximum",
        lambda value, most: re.fullmatch("[0-9]{1,7}", value) and 1 <= int(value) <= most,
        "Invalid {name} {value!r}: use a number from 1 to {limit}.",
    ),
    (
        "format",
        lambda value, _: _is_date(value),
        "Invalid date {name}={value}: use the form 2026-08-31.",
    ),
)


def _check_count(name: str, count: int) -> None:
    most = MAX_SERIES if name == "s" else MAX_VALUES if PARAMETERS[name].is_repeated else 1
    if count > most:
        raise QuestionError(
            f"Too many values of {name}: {count}, where {most}"
            f" {'is' if most == 1 else 'are'} possible."
        )


def _parse_series(text: str) -> Series:
    kind, _, name = text.partition(":")
    if kind == "words":
        alternatives = list(dict.fromkeys(" ".join(part.split()) for part in name.split("|")))
        alternatives = [part for part in alternatives if any(char.isalnum() for char in part)]
        if not alternatives or len(alternatives) > MAX_ALTERNATIVES:
            raise QuestionError(
                f"Invalid words {name!r}: use letters or digits, with up to"
                f" {MAX_ALTERNATIVES} alternatives."
            )
        name = "|".join(alternatives)
    return Series(kind, name)
