"""The confidence of an extraction: what lowers it, when there is none, how it is explained."""

from itertools import permutations
from math import exp

import numpy as np
import pytest

from benchmarks import extraction_confidence as benchmark
from tests.cases import cases
from tests.extraction.read import article_of, page_of
from tidings.extraction import ExtractionRule, explain
from tidings.extraction.article import describe
from tidings.extraction.confidence import MODEL, contributions, doubt_of, estimate

WORDS = (
    "harbour council ferry budget bridge market school garden winter tunnel station river"
).split()
SENTENCES = [
    f"The {a} committee approved the {b} plan on Tuesday after a long debate."
    for a, b in permutations(WORDS, 2)
]
URL = "https://www.inland.example/news/2024/05/31/committee-approves-the-harbour-plan-after-debate"
TEXT = "".join(f"<p>{' '.join(SENTENCES[at : at + 3])}</p>" for at in range(0, 36, 3))
GOOD = (
    "<html><head><meta property='og:type' content='article'></head>"
    f"<body><h1>Plan approved</h1><article>{TEXT}</article></body></html>"
)
RULES = (ExtractionRule("inland_body", "inland", body="article"),)


def test_labels_lower_the_confidence() -> None:
    """Labels and prices among paragraphs lower the confidence; many of them are the doubt."""
    labels = "".join(f"<p>Item {number}</p>" for number in range(20))
    pages = (GOOD, GOOD.replace("</article>", f"{labels}</article>"))
    whole, labelled = (explain(page_of(html, URL)).features or {} for html in pages)
    assert whole["prose_share"] > labelled["prose_share"]
    assert estimate(labelled) < estimate(whole)
    assert doubt_of(labelled | {"prose_share": -3.0}) == "little_prose"


@cases("html, more", (GOOD, {"rules": RULES}), (TEXT, {"kind": "entry"}))
def test_text_without_a_choice_has_no_confidence(html: str, more: dict[str, str]) -> None:
    """A text from a publisher's rule or a feed has no confidence, as nothing is estimated."""
    article = article_of(page_of(html, URL, **more))
    assert (article.extraction_confidence, article.extraction_doubt) == (None, None)


@cases(
    "rules, expected",
    ((), "that the text is right; lowered by little_text_for_page -"),
    (RULES, "not estimated"),
)
def test_explanation_shows_the_confidence_and_its_reasons(
    rules: tuple[ExtractionRule, ...], expected: str
) -> None:
    """The explanation has the confidence with what lowers it, or states that there is none."""
    page = page_of(GOOD.replace("<h1>", f"{'<i></i>' * 4000}<h1>"), URL, rules=rules)
    lines = describe("1", page, explain(page)).splitlines()
    assert expected in next(line for line in lines if line.startswith("confidence"))


def test_averages_and_curves() -> None:
    """Features at their means change nothing; the doubt is the feature that lowers the confidence
    most. A threshold keeps the pages at or above it.
    """
    means = {row.feature: row.mean for row in MODEL if row.feature != "constant"}
    constant = next(row.weight for row in MODEL if row.feature == "constant")
    assert estimate(means) == pytest.approx(1 / (1 + exp(-constant)))
    assert set(contributions(means).values()) == {0.0}
    assert doubt_of(means | {"is_unconfirmed": 3.0, "prose_share": 0.8}) == "text_unconfirmed"
    p, is_right = np.array([0.2, 0.5, 0.5, 0.9]), np.array([False, True, False, True])
    assert benchmark.curve(p, is_right, 0.5) == (0.75, 1 / 3, 0.0)
    assert benchmark.curve(p, is_right, 0.9) == (0.25, 0.0, 0.5)


def test_fit_recovers_the_weights_of_pages_that_follow_the_model() -> None:
    """The fit finds the odds behind the pages, and unseen groups are calibrated."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4000, 2)) * [1.0, 5.0] + [2.0, 0.0]
    is_right = rng.random(4000) < 1 / (1 + np.exp(-(1.0 + 1.5 * (x[:, 0] - 2.0) - 0.2 * x[:, 1])))
    mean, weights = benchmark.fit(x, is_right)
    assert np.allclose(mean, [2.0, 0.0], atol=0.3)
    assert np.allclose(weights, [1.0, 1.5, -0.2], atol=0.15)
    groups = [str(number % 97) for number in range(4000)]
    p = benchmark.validate(x, is_right, groups, groups)
    sure = p >= 0.9
    assert abs(p[sure].mean() - is_right[sure].mean()) < 0.03
    assert benchmark.auc(p, is_right) > 0.75
    assert benchmark.auc(is_right.astype(float), is_right) == 1.0
