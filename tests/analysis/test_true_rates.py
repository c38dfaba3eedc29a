"""True rates of predictions are estimated from coded articles of all themes and languages."""

from typing import Any

import duckdb
import numpy as np
import pytest

from tidings.analysis.true_rates import Cell, Stratum, draw_true_rates, expected_shares
from tidings.base.functions import create_functions


def rates(cells: list[Cell]) -> dict[tuple[str, ...], Any]:
    """Return the rates by theme, language and prediction."""
    return {rate[:3]: rate for rate in draw_true_rates(cells)}


def mean(cells: list[Cell], *key: str) -> float:
    return float(rates(cells)[key].draws.mean())


def test_many_codings_outweigh_everything_else() -> None:
    """With 400 coded articles, the mean is the observed share within .01, and the draws spread like
    a beta distribution; an empty list has none. Draws are the same in each call and for each order
    of the cells.
    """
    for true in (2, 120, 390):
        found = rates([Cell("a", "en", "absent", true, 400 - true)])["a", "en", "absent"]
        assert found.draws.mean() == pytest.approx(true / 400, abs=0.01)
        assert found.draws.std() == pytest.approx(np.sqrt(true * (400 - true) / 400**3), rel=0.3)
        assert found.pooled_count < 60
    assert draw_true_rates([]) == []
    cells = [Cell("a", "en", "about", 9, 1), Cell("b", "en", "about", 3, 3, 1, 1, 1)]
    found, again = rates(cells), rates(cells[::-1])
    assert all(np.allclose(found[key].draws, again[key].draws) for key in found)


def test_a_cell_borrows_from_languages_and_themes() -> None:
    """A cell with two coded articles moves to the rate of its theme's other languages, and one
    without any to that of other themes. The borrowed information counts more if these are alike.
    """
    own = Cell("a", "de", "mentioned", 0, 2)
    low = [own, Cell("a", "en", "mentioned", 2, 38)]
    high = [own, Cell("a", "en", "mentioned", 30, 10)]
    assert mean(low, "a", "de", "mentioned") < mean([own], "a", "de", "mentioned")
    assert mean(high, "a", "de", "mentioned") > mean([own], "a", "de", "mentioned") + 0.1
    themes = [Cell(f"t{i}", "en", "mentioned", 8, 2) for i in range(12)]
    unlike = [Cell(f"t{i}", "en", "mentioned", 10 * (i % 2), 10 - 10 * (i % 2)) for i in range(12)]
    new = Cell("new", "en", "about", 1, 0)
    key = ("new", "en", "mentioned")
    assert mean([*themes, new], *key) > 0.6
    counts = [rates([*cells, new])[key].pooled_count for cells in (themes, unlike)]
    assert counts[0] > 3 * counts[1]
    assert rates([*themes, new])[key].coded_count == 0


def test_coders_errors_are_measured_and_removed() -> None:
    """Two coders who each call 3 % of the other articles true disagree in 6 %: with 600 codings,
    the corrected rate is near the true .01. Without a second coder, it is the coded .04.
    """

    def cell(prediction: str, p: float, n: float, doubles: float) -> Cell:
        s, f = 0.9, 0.03
        q, both = p * s + (1 - p) * f, p * s * s + (1 - p) * f * f
        once, twice = n * (1 - doubles), n * doubles
        parts = (once * q, once * (1 - q), twice * both, twice * 2 * (q - both))
        return Cell("a", "en", prediction, *parts, twice * (1 - 2 * q + both))

    for doubles, expected in ((0.0, 0.038), (0.4, 0.01)):
        cells = [cell("absent", 0.01, 600, doubles), cell("about", 0.9, 600, doubles)]
        assert mean(cells, "a", "en", "absent") == pytest.approx(expected, abs=0.008)


def test_a_plan_knows_the_width_before_coding() -> None:
    """More articles, a better word list and a rarer theme narrow the expected interval, and earlier
    codings bring the widths of better and worse lists together. Too few articles yield none.
    """
    con = duckdb.connect()
    create_functions(con)

    def widths(coded: float, absent: float = 0.01, known: float = 0) -> list[float]:
        rows = (("about", 300, 0.9), ("mentioned", 300, 0.1), ("absent", 2400, absent))
        strata = [Stratum("a", "en", name, n, coded / 3, p, known) for name, n, p in rows]
        shares = expected_shares(con, strata, [Cell("a", "en", "about", 0, 0)])["a"]
        return [(high or 0) - (low or 0) for _, low, high in shares]

    better, expected, worse = widths(150)
    assert 0 < better < expected < worse
    assert widths(60)[1] > 1.1 * expected > 1.2 * widths(600)[1]
    assert expected < widths(150, absent=0.05)[1]
    better, _, now_worse = widths(150, known=200)
    assert now_worse / better < 0.8 * worse / widths(150)[0]
    assert widths(15) == [0, 0, 0]
