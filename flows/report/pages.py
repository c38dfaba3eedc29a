"""Templates and how values are told in them. Everything is escaped unless a template says otherwise, and none does."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tidings.flows.report.table_sql import asked

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")
_LANGUAGES = {
    "zh": "Chinese",
    "en": "English",
    "de": "German",
    "fr": "French",
    "it": "Italian",
    "es": "Spanish",
    "ja": "Japanese",
}
_CLIPPED = 300


def file_name(name: str) -> str:
    """Return a page's file name for an id: the id itself where it is plain, else what is plain of it and a digest."""
    if _PLAIN.fullmatch(name) and name.lower() not in {"con", "nul", "aux", "prn", "index"}:
        return f"{name}.html"
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:60]
    return f"{plain}-{hashlib.blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}.html"


def safe_url(url: str | None) -> str | None:
    """Return an http or https address, or None for anything else: a page may not be led to javascript: or data:."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None


def tell_share(value: float | None) -> str:
    """Return a share in per cent with one decimal, or a dash where it is unknown."""
    return "–" if value is None else f"{value * 100:.1f}%"


def tell_points(value: float | None) -> str:
    """Return a difference of shares in percentage points with its sign, or a dash where it is unknown."""
    return "–" if value is None else f"{value * 100:+.1f}".replace("-", "−")


def tell_count(value: float | None) -> str:
    """Return a count with thousands set apart, or a dash where it is unknown."""
    return "–" if value is None else f"{value:,.0f}"


def tell_number(value: float | None, places: int = 2) -> str:
    """Return a number with fixed decimals and a true minus, or a dash where it is unknown."""
    return "–" if value is None else f"{value:,.{places}f}".replace("-", "−")


def tell_day(value: dt.date | str | None) -> str:
    """Return a day as 3 Jun 2026, or a dash where it is unknown."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return "–" if value is None else f"{value:%-d %b %Y}"


def tell_short_day(value: dt.date) -> str:
    """Return a day as 3 Jun: where the year is told nearby."""
    return f"{value:%-d %b}"


def tell_language(code: str | None) -> str:
    """Return a language's English name, or its code where the report has none."""
    return _LANGUAGES.get((code or "").split("-")[0], code or "unknown")


def clip(text: str | None) -> str:
    """Return a text of at most 300 characters, cut with an ellipsis: a title of 2,000 is no title."""
    text = " ".join((text or "").split())
    return text if len(text) <= _CLIPPED else text[:_CLIPPED].rstrip() + "…"


def mark_phrase(text: str, phrase: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is the phrase, whatever its case; a page marks those that are."""
    if not phrase:
        return [(text, False)]
    pieces = re.split(f"({re.escape(phrase)})", text, flags=re.IGNORECASE)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


@cache
def environment() -> Environment:
    """Return the templates with the report's filters."""
    made = Environment(
        loader=PackageLoader("tidings.flows.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "share": tell_share,
        "points": tell_points,
        "count": tell_count,
        "number": tell_number,
        "day": tell_day,
        "short_day": tell_short_day,
        "language": tell_language,
        "clip": clip,
        "safe_url": safe_url,
        "raw_json": Markup,
        "marked": mark_phrase,
    }
    made.globals["asked"] = asked
    return made


def render(template: str, **values: Any) -> str:
    """Return a page."""
    return environment().get_template(template).render(**values)
