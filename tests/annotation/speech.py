"""Find statements of a few invented people with the shipped verbs, for tests of attribution."""

import csv
import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Any

from tidings.annotation.languages.statements import Verb
from tidings.annotation.posts import CountryForms, PostForms, Posts, Speaker
from tidings.annotation.statements import StatementFinder
from tidings.paths import SEEDS

DAY = dt.date(2023, 9, 25)


def speaker(
    person_id: str, language: str, name: str, office: str, short: str = "", **more: dt.date
) -> Speaker:
    """Return a speaker; ``more`` contains the days of validity."""
    return Speaker(
        person_id, language, name, short, office, None, more.get("valid_from"), more.get("valid_to")
    )


PEOPLE = (
    speaker("moreau", "en", "Claire Moreau", "premier", "Moreau"),
    speaker("moreau", "de", "Claire Moreau", "Premierministerin", "Moreau"),
    speaker("moreau", "fr", "Claire Moreau", "première ministre", "Moreau"),
    speaker("moreau", "it", "Claire Moreau", "prima ministra", "Moreau"),
    speaker("moreau", "es", "Claire Moreau", "primera ministra", "Moreau"),
    speaker("moreau", "zh", "莫罗", "总理"),
    speaker("brandt", "en", "Otto Brandt", "minister of finance", "Brandt|head of the FDX"),
    speaker("brandt", "de", "Otto Brandt", "Finanzminister", "Brandt"),
    speaker("brandt", "fr", "Otto Brandt", "ministre des finances", "Brandt"),
    speaker("brandt", "it", "Otto Brandt", "ministro delle finanze", "Brandt"),
    speaker("brandt", "zh", "勃兰特", "财政部部长"),
    speaker("qin", "zh", "秦博远", "中共中央总书记", "秦主席|总书记"),
    speaker("he", "en", "He Lumin", "minister of ports", "He"),
    speaker("zhao_court", "zh", "赵京", "最高法院院长"),
    speaker("zhao_envoy", "zh", "赵京", "常驻联合国代表"),
)


@cache
def shipped_verbs() -> tuple[Verb, ...]:
    """Return the rows of ``seeds/speech_verbs.csv``."""
    return tuple(
        Verb(row["language"], row["form"], row["lemma"], row["pattern"])
        for row in _rows("speech_verbs")
    )


@cache
def shipped_speakers() -> tuple[Speaker, ...]:
    """Return the rows of ``seeds/speakers.csv``."""
    return tuple(
        Speaker(**{name: _cell(name, cell) for name, cell in row.items() if name != "source"})
        for row in _rows("speakers")
    )


@cache
def shipped_posts(people: tuple[Speaker, ...]) -> Posts:
    """Return the posts of people, with the words of `posts.csv` and `countries.csv` in seeds."""
    posts = [
        PostForms(row["post"], row["language"], row["country"] or None, row["forms"])
        for row in _rows("posts")
    ]
    return Posts(people, posts, [CountryForms(**row) for row in _rows("countries")])


def _rows(name: str) -> list[dict[str, Any]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cell(name: str, cell: str) -> Any:
    return (
        dt.date.fromisoformat(cell) if cell and name in {"valid_from", "valid_to"} else cell or None
    )


@cache
def statement_finder(people: tuple[Speaker, ...]) -> StatementFinder:
    """Return a finder of the statements of some people and of everyone who is not listed."""
    return StatementFinder(people, shipped_verbs(), shipped_posts(people))


def find(
    text: str, language: str, people: tuple[Speaker, ...] = PEOPLE, on: dt.date | None = DAY
) -> list[tuple[str, str]]:
    """Return the statements of listed people in a text as person and verb."""
    found = statement_finder(people).find(text, language, on)
    return [(row.person_id, row.verb or "") for row in found if row.person_id]


def people_in(
    text: str, language: str, people: tuple[Speaker, ...] = PEOPLE, on: dt.date | None = DAY
) -> list[str]:
    """Return the speakers of the statements in a text, in order."""
    return [person for person, _ in find(text, language, people, on)]


def said_by(text: str, language: str) -> list[tuple[str, str]]:
    """Return the speakers of the statements in a text as name and kind, in order."""
    return [
        (row.speaker_name, row.speaker_kind)
        for row in statement_finder(PEOPLE).find(text, language, DAY)
    ]


def show(pairs: Iterable[tuple[str | None, str]]) -> str:
    """Return pairs, or a hyphen, as a cell of such a table."""
    return "; ".join(f"{first or '-'}: {second}" for first, second in pairs) or "-"
