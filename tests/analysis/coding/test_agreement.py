"""Agreement coefficients equal published results, and intervals cover the truth."""

import random
from typing import Any

import pytest

from tidings.analysis.agreement import (
    alpha_interval,
    binary_alpha,
    count_decisions,
    measure_agreement,
)
from tidings.analysis.inputs import InputError


def unit(values: str) -> tuple[int, int, float]:
    """Return the decisions of coders about one theme of an article: 1 for it, 0 against."""
    return count_decisions(
        {str(n): {"t"} & {"t" * (value == "1")} for n, value in enumerate(values)}, {"t"}
    )


def test_alpha_equals_the_published_example() -> None:
    """Alpha agrees for the binary data of Krippendorff (2011), section A."""
    units = [unit("".join(pair)) for pair in zip("0100000010", "1110010000", strict=True)]
    assert binary_alpha(*map(sum, zip(*units, strict=True))) == pytest.approx(0.095, abs=0.0006)


def test_undefined_coefficients_are_null() -> None:
    """If all values are equal, alpha and its interval are null; perfect agreement on two values is
    1.
    """
    same, other = unit("11"), unit("00")
    assert alpha_interval([same] * 3) == (None, None, None)
    assert alpha_interval([same, other])[0] == 1


def test_the_interval_covers_the_true_alpha() -> None:
    """In 400 simulated codings of 150 articles, 95 % intervals contain the alpha of a very large
    coding in 92 to 98 %.
    """
    chance = random.Random(5)

    def code(count: int) -> list[Any]:
        truths = [chance.random() < 0.3 for _ in range(count)]
        return [
            unit("".join(str(int(truth == (chance.random() < 0.9))) for _ in range(2)))
            for truth in truths
        ]

    # With prevalence p = .3 * .9 + .7 * .1 = .34 and disagreement 2 * .9 * .1, alpha approaches 1 -
    # .18 / (2 p (1 - p)).
    truth = 1 - 0.18 / (2 * 0.34 * 0.66)
    intervals = [alpha_interval(code(150)) for _ in range(400)]
    covered = sum(
        low <= truth <= high for _, low, high in intervals if low is not None and high is not None
    )
    assert 0.92 <= covered / 400 <= 0.98


def label(article: str, coder: str, theme: str, role: str = "main", mixed: str = "false") -> Any:
    """Return the cells of a label that the measure reads."""
    cells = {"article_id": article, "text_hash": "", "coder": coder, "theme_id": theme}
    return cells | {"role": role if theme else "none", "is_any": mixed}


PARENTS = {"industry": "", "robots": "industry", "water": ""}


def test_a_policy_area_includes_its_themes() -> None:
    """Coders who choose an area and its theme agree on the area. Side themes count only as
    mentions, round-ups not at all.
    """
    codings = [
        ("1", "A", "industry"), ("1", "B", "robots"), ("2", "A", "water"),
        ("2", "B", "water", "side"), ("3", "A", ""), ("3", "B", ""),
        ("4", "A", "water", "main", "true"), ("4", "B", ""), ("5", "A", "water"),
    ]  # fmt: skip
    rows = measure_agreement([label(*cells) for cells in codings], PARENTS)
    found = {(row["measure"], row["theme_id"]): row for row in rows}
    assert {row["article_count"] for row in rows} == {3}
    industry, water = found["about", "industry"], found["about", "water"]
    assert (industry["agreement"], industry["alpha"], industry["chosen_count"]) == (1, 1, 2)
    assert (water["agreement"], water["chosen_count"]) == (0.6667, 1)
    assert (found["mention", "water"]["agreement"], found["mention", "water"]["alpha"]) == (1, 1)
    assert found["about", "all areas"]["agreement"] == 0.8333
    assert found["about", "all themes"]["agreement"] == 0.6667


def test_one_coder_has_no_agreement() -> None:
    """Labels without a second coder of the same article are refused."""
    with pytest.raises(InputError, match="two coders"):
        measure_agreement([label("1", "A", "water"), label("2", "B", "water")], PARENTS)
