"""Agreement coefficients equal published results, and intervals cover the truth."""

import random
from typing import Any

import duckdb
import pytest

from tidings.analysis.agreement import measure_agreement
from tidings.analysis.inputs import InputError
from tidings.base.load_rows import load_rows

PARENTS = {"industry": "", "robots": "industry", "water": ""}


def measure(
    labels: list[dict[str, str]], parents: dict[str, str] = PARENTS
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows of the agreement by measure and theme."""
    names = dict.fromkeys(labels[0], "varchar")
    with duckdb.connect() as con:
        load_rows(con, "labels", (row.values() for row in labels), names)
        load_rows(con, "themes", parents.items(), {"theme_id": "varchar", "parent_id": "varchar"})
        found = measure_agreement(con, "labels", "themes")
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    return {(row["measure"], row["theme_id"]): row for row in rows}


def compare(*coders: str) -> Any:
    """Return the agreement of coders about a theme, from a digit per article: 1 for it."""
    return measure(
        [
            label(str(article), str(coder), "water" if value == "1" else "")
            for coder, values in enumerate(coders)
            for article, value in enumerate(values)
        ]
    )["about", "water"]


def label(article: str, coder: str, theme: str, role: str = "main", mixed: str = "false") -> Any:
    """Return the cells of a label that the measure reads."""
    cells = {"article_id": article, "text_hash": "", "coder": coder, "theme_id": theme}
    return cells | {"role": role if theme else "none", "is_any": mixed}


def test_alpha_equals_the_published_example() -> None:
    """Alpha agrees for the binary data of Krippendorff (2011), section A. If all values are equal,
    it is null; labels without a second coder are refused.
    """
    found = compare("0100000010", "1110010000")
    assert found["alpha"] == pytest.approx(0.095, abs=0.0006)
    same, other = compare("111", "111"), compare("10", "10")
    assert (same["agreement"], same["alpha"], same["alpha_low"], same["alpha_high"]) == (
        *(1, None, None, None),
    )
    assert (other["alpha"], other["alpha_low"]) == (1, None)
    with pytest.raises(InputError, match="two coders"):
        measure([label("1", "A", "water"), label("2", "B", "water")])


def test_the_interval_covers_the_true_alpha() -> None:
    """92 to 98 % of 400 intervals of 95 % contain the alpha of a very large coding."""
    chance = random.Random(5)
    themes = [f"theme_{number}" for number in range(400)]
    labels = []
    for theme in themes:
        for article in range(150):
            truth = chance.random() < 0.3
            labels += [
                label(str(article), coder, theme)
                for coder in "AB"
                if truth == (chance.random() < 0.9)
            ]
    # With prevalence p = .3 * .9 + .7 * .1 = .34 and disagreement 2 * .9 * .1, alpha approaches 1 -
    # .18 / (2 p (1 - p)).
    expected = 1 - 0.18 / (2 * 0.34 * 0.66)
    found = measure(labels, dict.fromkeys(themes, ""))
    rows = [found["about", theme] for theme in themes]
    covered = sum(row["alpha_low"] <= expected <= row["alpha_high"] for row in rows)
    assert 0.92 <= covered / 400 <= 0.98


def test_a_policy_area_includes_its_themes() -> None:
    """Coders agree on an area by its theme. Side themes only count as mentions, round-ups never."""
    codings = [
        ("1", "A", "industry"), ("1", "B", "robots"), ("2", "A", "water"),
        ("2", "B", "water", "side"), ("3", "A", ""), ("3", "B", ""),
        ("4", "A", "water", "main", "true"), ("4", "B", ""), ("5", "A", "water"),
    ]  # fmt: skip
    found = measure([label(*cells) for cells in codings])
    assert {row["article_count"] for row in found.values()} == {3}
    industry, water = found["about", "industry"], found["about", "water"]
    assert (industry["agreement"], industry["alpha"], industry["chosen_count"]) == (1, 1, 2)
    assert (water["agreement"], water["chosen_count"]) == (0.6667, 1)
    assert (found["mention", "water"]["agreement"], found["mention", "water"]["alpha"]) == (1, 1)
    assert found["about", "all areas"]["agreement"] == 0.8333
    assert found["about", "all themes"]["agreement"] == 0.6667
