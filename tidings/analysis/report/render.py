"""Render pages from the templates, which escape all values, and format the values in them."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tidings.analysis.report.figure import Figure
from tidings.annotation.sentences import Span, split_paragraphs, split_sentences
from tidings.base.languages import WITHOUT_SPACES, primary_language
from tidings.base.writing import ALPHABETS, HAN

UNKNOWN = "–"
EXPLORE = "http://127.0.0.1:8650/"  # the default address of ``tidings explore``
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")
_LANGUAGES: Mapping[str, str] = Locale("en").languages
_MAX_TEXT = 300
EVIDENCE = {
    "verb": "after a policy verb",
    "head_noun": "ends in a policy noun",
    "quote": "in quotation marks",
}
"""The evidence of policy of a candidate phrase, in words."""
REACH = 200  # most characters of a sentence before and after a place
# of a script without spaces: one character
_WORD_PART = f"(?s:(?:[^\\W_{HAN}{ALPHABETS}]|['’‐-])+|.)"


@dataclass(frozen=True, slots=True)
class Page:
    """A page before rendering. ``series`` are what it shows, as at most five series of Explore."""

    path: str
    template: str
    values: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    series: tuple[str, ...] = ()


def explore_url(series: Sequence[str]) -> str:
    """Return the URL of ``tidings explore`` that shows series such as ``theme:food_security``."""
    return EXPLORE + (f"?{urlencode([('s', key) for key in series], safe=':')}" if series else "")


def file_name(name: str) -> str:
    """Return the file name of the page for an ID; one that is not plain gets a digest."""
    if _PLAIN_NAME.fullmatch(name) and name.lower() not in {"con", "nul", "aux", "prn", "index"}:
        return f"{name}.html"
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:60]
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4)
    return f"{plain}-{digest.hexdigest()}.html"


def safe_url(url: str | None) -> str | None:
    """Return an HTTP or HTTPS URL, or None for anything else, such as ``javascript:``."""
    url = (url or "").strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _form(pattern: str, factor: float = 1) -> Callable[[float | None], str]:
    """Return the function that writes a number times a factor, with a minus sign (U+2212), or a
    dash if it is unknown.
    """
    return lambda value: (
        UNKNOWN if value is None else pattern.format(value * factor).replace("-", "−")
    )


format_share = _form("{:.1f}%", 100)
format_points = _form("{:+z.1f}", 100)
"""A difference of shares in percentage points."""


def format_day(value: dt.date | str | None) -> str:
    """Return a day as 3 Jun 2026, or a dash if it is unknown."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return UNKNOWN if value is None else f"{value:%-d %b %Y}"


def language_name(code: str | None) -> str:
    """Return a language's English name in the CLDR, or its code if it has no name there."""
    return _LANGUAGES.get(primary_language(code or ""), code or "unknown")


_NUMBERS = ("share", "points", "count", "number", "tenth")
CELLS: dict[str, Callable[[Any], str]] = {
    "share": format_share,
    "points": format_points,
    "count": _form("{:,.0f}"),
    "number": _form("{:,.2f}"),
    "tenth": _form("{:,.1f}"),
    "day": format_day,
    "short_day": "{:%-d %b}".format,
    "language": language_name,
    "text": lambda text: text or UNKNOWN,
    "evidence": lambda kind: EVIDENCE.get(kind, kind),
    "reason": lambda text: (text or "unknown").replace("_", " "),
    "reasons": lambda texts: ", ".join(texts or ["unknown"]),
}
"""The forms of values in tables; other kinds of cells are written by the template."""


def clip(text: str | None) -> str:
    """Return a text on one line, cut between words after at most 300 characters."""
    return end_at_word(" ".join((text or "").split()), _MAX_TEXT)


def end_at_word(text: str, most: int) -> str:
    """Return at most ``most`` characters of the start of a text, cut between words, with an
    ellipsis, as ``snippet`` in SQL does.
    """
    return text if len(text) <= most else re.sub(f"\\s*{_WORD_PART}\\Z", "", text[: most + 1]) + "…"


def begin_at_word(text: str, most: int) -> str:
    """Return at most ``most`` characters of the end of a text, as ``end_at_word`` does."""
    return (
        text
        if len(text) <= most
        else "…" + re.sub(f"\\A{_WORD_PART}[\\s.,;:!?)。，；：！？、）]*", "", text[-most - 1 :])
    )


def find_sentence(
    text: str, start: int, end: int, language: str | None
) -> tuple[str, str, str, tuple[int, int]]:
    """Return the parts before, at and after a place (0-based characters, end exclusive) of the
    sentence that contains it, cut between words at REACH characters on each side, and the span of
    the sentence. ``language`` is a BCP 47 tag or None.
    """
    is_spaced = language is None or primary_language(language) not in WITHOUT_SPACES

    def contains(span: Span) -> bool:
        return span.start <= start < span.end

    paragraph = next(filter(contains, split_paragraphs(text)), None)
    sentences = split_sentences(text, paragraph, is_spaced=is_spaced) if paragraph else ()
    low, high = next(filter(contains, sentences), paragraph or (0, len(text)))
    span, high = (low, high), max(high, end)
    before, after = begin_at_word(text[low:start], REACH), end_at_word(text[end:high], REACH)
    return _one_line(before), _one_line(text[start:end]), _one_line(after), span


def _one_line(text: str) -> str:
    return re.sub(r"[\n\r\t]", " ", text)


def split_at_phrase(text: str, phrase: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with a flag that is true for the phrase in any case."""
    if not phrase:
        return [(text, False)]
    pieces = re.split(f"({re.escape(phrase)})", text, flags=re.IGNORECASE)
    return [(piece, position % 2 == 1) for position, piece in enumerate(pieces) if piece]


@cache
def environment() -> Environment:
    """Return the template environment with the report's filters."""
    templates = Environment(
        loader=PackageLoader("tidings.analysis.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= CELLS | {
        "clip": clip,
        "safe_url": safe_url,
        "raw_json": Markup,
        "split_at": split_at_phrase,
    }
    templates.globals["cells"] = CELLS
    templates.filters["cell"] = lambda value, kind: CELLS[kind](value)
    classes = dict.fromkeys(_NUMBERS, "n") | {"day": "day"}
    templates.filters["css_class"] = lambda kind: classes.get(
        kind, kind.partition("own")[2].strip()
    )
    return templates


def render(template: str, **values: Any) -> str:
    """Return a rendered page."""
    return environment().get_template(template).render(**values)
