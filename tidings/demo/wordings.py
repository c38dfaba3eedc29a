"""The texts of the sample: sentences and names from `texts/`, speakers from `seeds/speakers.csv`,
and planted phrases.
"""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "zh", "de")
Line = tuple[str, str, str]  # the same text in the order of LANGUAGES


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its section label and the words for its slots."""

    name: str
    label: Line
    slots: dict[str, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Bank:
    """All sentences by kind, topics in file order, and names by slot."""

    sentences: dict[str, tuple[Line, ...]]
    topics: tuple[Topic, ...]
    names: dict[str, tuple[Line, ...]]


def read_lines(name: str) -> list[str]:
    """Return the lines of a file in `texts` without comments."""
    lines = (TEXTS / name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _split_line(text: str) -> Line:
    parts = [part.strip() for part in text.split(" | ")]
    if len(parts) != len(LANGUAGES):
        raise ValueError(f"{text!r}: one text per language is required")
    return parts[0], parts[1], parts[2]


def _read_sentences() -> dict[str, tuple[Line, ...]]:
    sentences: dict[str, list[Line]] = {}
    kind, block = "", list[str]()
    for line in [*read_lines("sentences.txt"), ""]:
        if line.startswith("["):
            kind = line.strip("[]")
        elif line:
            block.append(line)
        elif block:
            if len(block) != len(LANGUAGES):
                raise ValueError(f"[{kind}] {block[0]!r}: one line per language is required")
            sentences.setdefault(kind, []).append((block[0], block[1], block[2]))
            block = []
    return {key: tuple(lines) for key, lines in sentences.items()}


def _read_topics() -> tuple[Topic, ...]:
    topics: list[tuple[str, Line, dict[str, list[Line]]]] = []
    for line in filter(None, read_lines("topics.txt")):
        if line.startswith("["):
            name, _, label = line[1:].partition("] ")
            topics.append((name, _split_line(label), {}))
        else:
            slot, _, words = line.partition(": ")
            topics[-1][2].setdefault(slot, []).append(_split_line(words))
    return tuple(
        Topic(name, label, {key: tuple(v) for key, v in slots.items()})
        for name, label, slots in topics
    )


def read_names(name: str = "names.txt") -> dict[str, tuple[Line, ...]]:
    """Return the texts of a file with lines such as "slot: en | zh | de", by slot."""
    names: dict[str, list[Line]] = {}
    for line in filter(None, read_lines(name)):
        slot, _, words = line.partition(": ")
        names.setdefault(slot, []).append(_split_line(words))
    return {key: tuple(lines) for key, lines in names.items()}


@cache
def read_bank() -> Bank:
    """Return all sentences, topics and names, read once per process. Raises ValueError if a block
    lacks a language.
    """
    return Bank(_read_sentences(), _read_topics(), read_names())


SPEAKERS = Path(__file__).parent / "seeds" / "speakers.csv"
WOMEN = frozenset({"sample_solheim", "sample_zhou_yaning", "sample_vogelsang", "sample_whitcombe"})
SAY: tuple[Line, ...] = (
    ("said", "表示", "sagte"),
    ("stressed", "强调", "betonte"),
    ("pointed out", "指出", "erklärte"),
)
CALL: Line = ("called for", "呼吁", "forderte")
URGE: Line = ("urged", "敦促", "mahnte")


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker as of one day: names and office in each language."""

    person_id: str
    full: Line
    short: Line  # name in later sentences
    office: Line
    pronoun: Line


@cache
def _read_rows() -> tuple[dict[str, str], ...]:
    with SPEAKERS.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _is_in_office(row: dict[str, str], day: dt.date) -> bool:
    text = day.isoformat()
    return row["valid_from"] <= text and (not row["valid_to"] or text <= row["valid_to"])


def _line(values: dict[str, str]) -> Line:
    return values["en"], values["zh"], values["de"]


def list_people(day: dt.date) -> list[Person]:
    """Return the speakers with their office on `day`, in the order of the file."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for row in _read_rows():
        if _is_in_office(row, day):
            rows.setdefault(row["person_id"], {})[row["language"]] = row
    people = []
    for person_id, by_language in rows.items():
        full = _line({code: by_language[code]["name"] for code in LANGUAGES})
        short = _line(
            {
                code: by_language[code]["short_names"] or by_language[code]["name"]
                for code in LANGUAGES
            }
        )
        office = _line({code: by_language[code]["office"] for code in LANGUAGES})
        pronoun: Line = ("She", "她", "Sie") if person_id in WOMEN else ("He", "他", "Er")
        people.append(Person(person_id, full, short, office, pronoun))
    return people


@dataclass(frozen=True, slots=True)
class Form:
    """A phrase in one language: the words before it, the listed phrase and its spelling."""

    lead: str  # article and space, if the phrase needs an article
    phrase: str  # as in the phrase list
    text: str  # as written; hyphens may differ


@dataclass(frozen=True, slots=True)
class Planted:
    """A theme's phrases in the order of LANGUAGES; an empty tuple means no phrase in this
    language.
    """

    theme_id: str | None  # None: a slogan that is in no phrase list
    forms: tuple[tuple[Form, ...], ...]
    weight: float  # relative frequency


HARBOUR = "sample_harbour_compact"
FUND = "sample_compact_fund"
OLD = "sample_open_quays"  # an old slogan, which outlets quote again late in the 90 days
SLOGAN = "quiet_corridors"  # in no phrase list: the search for candidate phrases should find it
BURSTING = "food_security"
FADING = "rural_revitalization"
WINDOW_START = dt.date(2026, 6, 1)
WINDOW_END = dt.date(2026, 8, 29)
BURST_START = dt.date(2026, 8, 10)
BURST_END = dt.date(2026, 8, 21)
FADE_END = dt.date(2026, 7, 31)  # last day on which the fading theme can be drawn


def _read_planted() -> dict[str, Planted]:
    """Return the planted phrases in `planted.toml`, by key."""
    listed = tomllib.loads((TEXTS / "planted.toml").read_text("utf-8"))
    return {
        key: Planted(
            key if row.get("is_listed", True) else None,
            tuple(tuple(_read_form(text) for text in row.get(code, ())) for code in LANGUAGES),
            row["weight"],
        )
        for key, row in listed.items()
    }


def _read_form(text: str) -> Form:
    lead, _, rest = text.partition("[")
    written, _, phrase = rest.partition("]")
    return Form(lead, phrase.strip() or written, written)


PLANTED = _read_planted()
