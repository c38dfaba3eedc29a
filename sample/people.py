"""The invented speakers, read from `seeds/speakers.csv`, and how each language names and quotes them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.sample.bank import LANGUAGES, Line

if TYPE_CHECKING:
    import datetime as dt

SPEAKERS = Path(__file__).parent / "seeds" / "speakers.csv"
WOMEN = frozenset({"sample_solheim", "sample_zhou_yaning", "sample_vogelsang", "sample_whitcombe"})
SAY: tuple[Line, ...] = (("said", "表示", "sagte"), ("stressed", "强调", "betonte"), ("pointed out", "指出", "erklärte"))
CALL: Line = ("called for", "呼吁", "forderte")
URGE: Line = ("urged", "敦促", "mahnte")


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker as of one day: names and office in each language."""

    person_id: str
    full: Line
    short: Line  # what a later sentence calls them
    office: Line
    pronoun: Line


@cache
def _read_rows() -> tuple[dict[str, str], ...]:
    with SPEAKERS.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _holds(row: dict[str, str], day: dt.date) -> bool:
    text = day.isoformat()
    return row["valid_from"] <= text and (not row["valid_to"] or text <= row["valid_to"])


def _line(values: dict[str, str]) -> Line:
    return values["en"], values["zh"], values["de"]


def list_people(day: dt.date) -> list[Person]:
    """Return the speakers with the office that each holds on `day`, in the order of the file."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for row in _read_rows():
        if _holds(row, day):
            rows.setdefault(row["person_id"], {})[row["language"]] = row
    people = []
    for person_id, by_language in rows.items():
        full = _line({code: by_language[code]["name"] for code in LANGUAGES})
        short = _line({code: by_language[code]["short_names"] or by_language[code]["name"] for code in LANGUAGES})
        office = _line({code: by_language[code]["office"] for code in LANGUAGES})
        pronoun: Line = ("She", "她", "Sie") if person_id in WOMEN else ("He", "他", "Er")
        people.append(Person(person_id, full, short, office, pronoun))
    return people
