"""Define and validate the parameters of a question, for pages, the API and assistants."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlencode

from tidings.analysis.inputs import InputError, refuse
from tidings.annotation.word_query import WordQueryError, parse_words

FILTERS = ("outlet", "language", "publisher_type", "country", "theme")
KINDS = ("theme", "area", "phrase", *FILTERS[:-1], "speaker", "comparison", "words")
DAYS = ("from", "to", "previous_from", "previous_to")
MAX_SERIES = 5
MAX_VALUES = 50  # of a filter
MAX_VALUE_LENGTH = 500
PAGE_ROWS = 20


class Parameter(NamedTuple):
    """A parameter of a URL: for users of the API, and a pattern with a hint for other values."""

    name: str
    description: str
    schema: dict[str, Any]
    pattern: str = ".*"
    hint: str = ""
    most: int = 1  # values


def _text(name: str, description: str) -> Parameter:
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH}
    return Parameter(name, description, schema, most=MAX_VALUES)


def _choice(name: str, values: tuple[str, ...], description: str) -> Parameter:
    schema = {"type": "string", "enum": [*values], "default": values[0]}
    pattern = "|".join(map(re.escape, values))
    return Parameter(name, description, schema, pattern, f"use {', '.join(values)}.")


def _day(name: str, description: str) -> Parameter:
    schema = {"type": "string", "format": "date"}
    return Parameter(name, description, schema, r"\d{4}-\d\d-\d\d", "use the form 2026-08-31.")


_SERIES = f"({'|'.join(KINDS)}):.+"
PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "s",
            f"A series KIND:ID, at most {MAX_SERIES} times. KIND: {', '.join(KINDS)}. The ID of"
            " `words` is any words in any script, with alternatives separated by `|`; a trailing"
            " `*` matches any ending. They count as a phrase of the word list would. AND, OR, NOT"
            " and NEAR/5 in capitals join them, as in `climate AND (tax OR levy*) NOT carbon`.",
            {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_VALUE_LENGTH,
                "pattern": f"^{_SERIES}$",
            },
            _SERIES,
            f"use KIND:ID with one of the kinds {', '.join(KINDS)}.",
            MAX_SERIES,
        ),
        _day("from", "First day. Default: the first observed day."),
        _day("to", "Last day, inclusive. Default: the last observed day."),
        _day("previous_from", "First day of the period to compare with."),
        _day("previous_to", "Last day of the period to compare with."),
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
        _text("outlet", "Only this outlet, by publisher_id."),
        _text("language", "Only articles in this primary language, such as `zh`; or `unknown`."),
        _text("publisher_type", "Only outlets of this type, such as `official`."),
        _text("country", "Only outlets of this country, such as `CN`."),
        _text("theme", "Only articles that mention this theme, by theme_id."),
        _choice(
            "confidence",
            ("0", "0.5", "0.8", "0.95"),
            "Only articles whose extraction_confidence, the probability that the text is right, is"
            " at least this, or null.",
        ),
        Parameter(
            "page",
            "Page of the list.",
            {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1},
            "[1-9][0-9]{0,5}|1000000",
            "use a number from 1 to 1000000.",
        ),
        _choice(
            "format",
            ("json", "csv", "xlsx"),
            "A file has all rows, and its workbook a sheet with the citation.",
        ),
        Parameter(
            "q",
            "Part of a label or ID.",
            {"type": "string", "maxLength": MAX_VALUE_LENGTH, "default": ""},
        ),
        _choice(
            "layout", ("one", "multiples"), "Arrangement of the page's charts. The API ignores it."
        ),
    )
}


_DEFAULTS = {name: parameter.schema.get("default") for name, parameter in PARAMETERS.items()}


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
    """A validated question. ``start`` and ``end`` are inclusive, or None without a limit."""

    series: tuple[Series, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    previous_start: dt.date | None = None
    previous_end: dt.date | None = None
    by: str = "week"
    measure: str = "about"
    unit: str = "articles"
    value: str = "share"
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    confidence: str = "0"
    page: int = 1
    format: str = "json"
    q: str = ""
    layout: str = "one"

    @property
    def compared(self) -> tuple[Series, ...]:
        """The comparison series."""
        return tuple(series for series in self.series if series.kind == "comparison")

    @property
    def without_compared(self) -> Self:
        """The question without its comparison series, which have no articles."""
        return replace(self, series=tuple(one for one in self.series if one not in self.compared))

    @property
    def url(self) -> str:
        """The state as a URL on this server, without values that are defaults."""
        days: dict[str, object] = {"from": self.start, "to": self.end}
        if self.previous_start:  # the page chooses two periods in its chart
            before = f"{self.previous_start}_{self.previous_end}"
            days = {"at": before, "with": f"{self.start}_{self.end}"}
        names = ("by", "measure", "unit", "value", "confidence", "layout")
        values = {"s": [series.key for series in self.series], **days}
        values |= {name: getattr(self, name) for name in names} | self.filters | {"page": self.page}
        given = {name: value for name, value in values.items() if value != _DEFAULTS.get(name)}
        pairs = urlencode(given, doseq=True, quote_via=quote, safe=":|*")
        return f"/?{pairs}".removesuffix("?")


def parse_question(pairs: Iterable[tuple[str, str]]) -> Question:
    """Return the question in a query string. Raises InputError for invalid names and values."""
    values = _group(pairs)
    one: dict[str, Any] = {
        name: chosen[0] for name, chosen in values.items() if PARAMETERS[name].most == 1
    }
    days = [_parse_day(name, one.pop(name, None)) for name in DAYS]
    for first, last in (days[:2], days[2:]):
        refuse(
            (first or dt.date.min) > (last or dt.date.max),
            f"Invalid period: from {first} is after to {last}.",
        )
    start, end, previous_start, previous_end = days
    return Question(
        tuple(map(_parse_series, values.get("s", ()))),
        start,
        end,
        previous_start,
        previous_end,
        filters={name: tuple(sorted(values[name])) for name in FILTERS if name in values},
        **one | {"page": int(one.get("page", 1))},
    )


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, dict[str, None]] = {}
    for name, text in pairs:
        value = unicodedata.normalize("NFC", text.strip())
        _check(name, value)
        if value:
            values.setdefault(name, {})[value] = None
    for name, chosen in values.items():
        most, count = PARAMETERS[name].most, len(chosen)
        verb = "is" if most == 1 else "are"
        refuse(count > most, f"Too many values of {name}: {count}, where {most} {verb} possible.")
    return {name: list(chosen) for name, chosen in values.items()}


def _check(name: str, value: str) -> None:
    if (parameter := PARAMETERS.get(name)) is None:
        raise InputError(f"Unknown parameter {name!r}. Use {', '.join(PARAMETERS)}.")
    refuse(
        len(value) > MAX_VALUE_LENGTH or "\0" in value,
        f"Invalid {name}: use at most {MAX_VALUE_LENGTH} characters, without the character NUL.",
    )
    if value and not re.fullmatch(parameter.pattern, value, re.DOTALL):
        noun = "series" if name == "s" else name
        raise InputError(f"Invalid {noun} {value!r}: {parameter.hint}")


def _parse_day(name: str, value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InputError(f"Invalid {name} {value!r}: {PARAMETERS[name].hint}") from error


def _parse_series(text: str) -> Series:
    kind, _, name = text.partition(":")
    if kind == "words":
        name = re.sub(r"\s*\|[\s|]*", "|", " ".join(name.split())).strip("| ")
        try:
            parse_words(name)
        except WordQueryError as error:
            raise InputError(str(error)) from error
    return Series(kind, name)
