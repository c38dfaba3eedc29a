"""Checks across rows of reference data."""

from typing import Any

import pytest

from tidings.annotation.phrases import spell_out
from tidings.storage.seed_checks import check_all, check_cells, check_domains, check_phrases


def a_theme(theme_id: str, parent_id: str = "", cap_code: str = "18") -> Any:
    return {
        "theme_id": theme_id,
        "parent_id": parent_id,
        "label_en": "Label",
        "cap_code": cap_code,
        "kind": "theme",
    }


def a_phrase(
    phrase: Any,
    theme_id: str = "trade",
    language: str = "en",
    match_type: str = "phrase",
    role: str = "include",
    **more: Any,
) -> Any:
    row = {"phrase_id": phrase, "theme_id": theme_id, "language": language, "phrase": phrase}
    return row | {"match_type": match_type, "role": role} | more


def problems(*rows: Any) -> Any:
    return check_phrases(list(rows), spell_out)


def test_codes_and_parents_of_themes() -> None:
    """Code 11 is not an area; a parent must exist, have no parent and have the same code."""

    def check(*rows: Any) -> list[str]:
        return check_all({"themes": rows}, spell_out)

    assert check(a_theme("trade"), a_theme("tariffs", "trade")) == []
    for code in ("11", "18a"):
        (problem,) = check_cells("themes", [a_theme("odd", cap_code=code)])
        assert f"'{code}' is not a major topic" in problem
    assert check(a_theme("odd", "nowhere")) == ["themes.csv, odd: unknown theme_id 'nowhere'."]
    (problem,) = check(a_theme("trade"), a_theme("odd", "trade", "5"))
    assert problem == "themes.csv, odd: its cap_code differs from its parent's, trade."
    (problem,) = check(a_theme("trade"), a_theme("tariffs", "trade"), a_theme("odd", "tariffs"))
    assert problem == "themes.csv, odd: its parent tariffs also has a parent, trade."
    assert check(a_theme("own", cap_code="")) == []  # unknown, not invalid


PERSON = {"person_id": "p", "language": "en", "office": "x", "name": "P", "post": "foreman"}
POST = {"post": "foreign_minister", "language": "en", "forms": "foreign minister"}


@pytest.mark.parametrize(
    ("column", "tables", "problem"),
    [
        (
            "theme_id",
            {"theme_phrases": [a_phrase("tariff", "gone")], "themes": [a_theme("trade")]},
            "theme_phrases.csv, tariff: unknown theme_id 'gone'.",
        ),
        (
            "post",
            {"speakers": [PERSON], "posts": [POST]},
            "speakers.csv, p en x: unknown post 'foreman'.",
        ),
        (
            "publisher_id",
            {"extraction_rules": [{"rule_id": "r", "publisher_id": "my"}], "publishers": []},
            "extraction_rules.csv, r: unknown publisher_id 'my'.",
        ),
    ],
)
def test_unknown_references_are_reported(column: str, tables: Any, problem: str) -> None:
    """A reference must be a key of the other table or empty, or a publisher of the feed list."""
    assert check_all(tables, spell_out, ["yours"]) == [problem]
    (table, (row,)) = next(iter(tables.items()))
    empty = check_all(tables | {table: [row | {column: ""}]}, spell_out)
    assert not any("unknown" in sentence for sentence in empty)
    assert check_all(tables, spell_out, ["my"]) == [problem] * (column != "publisher_id")


def test_a_domain_has_one_owner() -> None:
    """Two publishers with the same domain are reported if their periods overlap."""
    rows = [
        {"publisher_id": "a", "domains": "x.org|y.org"},
        {"publisher_id": "b", "domains": "z.org|Y.org"},
    ]
    assert check_domains(rows) == ["publishers.csv: y.org belongs to a and b."]
    rows = [
        {"publisher_id": "a", "domains": "y.org ../2024-12-31"},
        {"publisher_id": "b", "domains": "y.org 2025-01-01/.."},
    ]
    assert check_domains(rows) == []
    rows[1]["domains"] = "y.org 2024-12-31/.."
    assert check_domains(rows) == ["publishers.csv: y.org belongs to a and b."]


def test_spellings_that_the_matcher_treats_alike_are_duplicates() -> None:
    """Hyphens, case, -ise and Chinese width do not distinguish phrases; theme and language do."""
    assert (
        "match the same text"
        in problems(a_phrase("green-tech plan"), a_phrase("Green tech plan"))[0]
    )
    assert (
        "match the same text"
        in problems(a_phrase("new industrialization"), a_phrase("new industrialisation"))[0]
    )
    assert (
        problems(a_phrase("green plan"), a_phrase("green plan", "health", phrase_id="other")) == []
    )
    assert problems(a_phrase("plan"), a_phrase("plan", language="de", phrase_id="other")) == []


def test_references_to_tables_that_are_not_given_are_not_checked() -> None:
    """Phrases can be checked with and without the themes."""
    tables = {"theme_phrases": [a_phrase("tariff", "gone")]}
    assert check_all(tables, spell_out) == []
    assert len(check_all(tables | {"themes": [a_theme("trade")]}, spell_out)) == 1
